import { type FieldPath, fieldPath, isLabelValue, type ObjectMeta } from '@pilothouse/apimachinery';
import type { Container, NodeSelectorTerm, PodAffinity, PodSpec, PodTemplateSpec } from '@pilothouse/api';
import {
  APP_ARMOR_ANNOTATION_PREFIX,
  SECCOMP_CONTAINER_ANNOTATION_PREFIX,
  SECCOMP_POD_ANNOTATION,
} from '../well-known.ts';
import { ipWarnings } from '../validation/ip-warnings.ts';
import { containerWarnings, fractionalBytes } from './container-warnings.ts';
import { DEPRECATED_NODE_LABELS } from './deprecated-node-labels.ts';
import { portWarnings } from './port-warnings.ts';
import { visitContainers } from './visit-containers.ts';
import { volumeWarnings } from './volumes/volume-warnings.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NULL_SELECTOR = 'a null labelSelector results in matching no pod';
const SECCOMP_GONE = 'non-functional in v1.27+; use the "seccompProfile" field instead';

const DEPRECATED_ANNOTATIONS: ReadonlyMap<string, string> = new Map([
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]);

/** What a client should hear about a pod that is valid but probably not meant so. `path` is the template's. */
export function warningsForPodTemplate(template: PodTemplateSpec | undefined, path: FieldPath): string[] {
  if (template?.spec === undefined) return [];
  const metaPath = path.child('metadata');
  return warningsForPodSpec(template.spec, template.metadata ?? {}, path.child('spec'), metaPath, true);
}

/** The same for a Pod itself. */
export function warningsForPod(pod: { readonly spec: PodSpec; readonly metadata: ObjectMeta }): string[] {
  return warningsForPodSpec(pod.spec, pod.metadata, fieldPath('spec'), fieldPath('metadata'), false);
}

function warningsForPodSpec(
  spec: PodSpec,
  meta: ObjectMeta,
  path: FieldPath,
  metaPath: FieldPath,
  isTemplate: boolean,
): string[] {
  const warnings: string[] = [];
  const annotationsPath = metaPath.child('annotations');
  nodeLabelWarnings(spec, path, warnings);
  topologySpreadWarnings(spec, path, warnings);
  for (const [key, text] of DEPRECATED_ANNOTATIONS) {
    if (meta.annotations?.[key] !== undefined) warnings.push(`${annotationsPath.key(key)}: ${text}`);
  }
  if (spec.volumes) volumeWarnings(spec.volumes, path.child('volumes'), warnings);
  listWarnings(spec, path, warnings);
  for (const resource of ['memory', 'ephemeral-storage']) {
    fractionalBytes(spec.overhead?.[resource], path.child('overhead').key(resource), warnings);
  }
  if (!spec.securityContext?.seccompProfile && meta.annotations?.[SECCOMP_POD_ANNOTATION] !== undefined) {
    warnings.push(`${annotationsPath.key(SECCOMP_POD_ANNOTATION)}: ${SECCOMP_GONE}`);
  }
  visitContainers(spec, path, (container, at) => {
    if (meta.annotations) annotationWarnings(container, spec, meta.annotations, annotationsPath, isTemplate, warnings);
    containerWarnings(container, at, warnings);
  });
  portWarnings(spec, path, warnings);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const at = path.child('terminationGracePeriodSeconds');
    warnings.push(`${at}: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  nullSelectorWarnings(spec.affinity?.podAffinity, path.child('affinity', 'podAffinity'), warnings);
  nullSelectorWarnings(spec.affinity?.podAntiAffinity, path.child('affinity', 'podAntiAffinity'), warnings);
  spec.dnsConfig?.nameservers?.forEach((ip, index) =>
    warnings.push(...ipWarnings(ip, path.child('dnsConfig', 'nameservers').index(index))),
  );
  spec.hostAliases?.forEach(({ ip }, index) =>
    warnings.push(...ipWarnings(ip ?? '', path.child('hostAliases').index(index).child('ip'))),
  );
  return warnings;
}

function nodeLabelWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  for (const key in spec.nodeSelector) {
    const text = DEPRECATED_NODE_LABELS.get(key);
    if (text) warnings.push(`${path.child('nodeSelector').key(key)}: ${text}`);
  }
  const affinity = spec.affinity?.nodeAffinity;
  if (!affinity) return;
  const warn = (term: NodeSelectorTerm | undefined, at: FieldPath, checkValues: boolean): void =>
    term?.matchExpressions?.forEach(({ key, values = [] }, index) => {
      const expression = at.child('matchExpressions').index(index);
      const text = DEPRECATED_NODE_LABELS.get(key);
      if (text) warnings.push(`${expression.child('key')}: ${key} is ${text}`);
      if (!checkValues) return;
      values.forEach((value, i) => {
        for (const problem of isLabelValue(value)) {
          warnings.push(`${expression.child('values').index(i)}: ${value} is invalid, ${problem}`);
        }
      });
    });
  const at = path.child('affinity', 'nodeAffinity');
  (affinity[REQUIRED]?.nodeSelectorTerms ?? []).forEach((term, index) => {
    warn(term, at.child(REQUIRED, 'nodeSelectorTerms').index(index), false);
  });
  (affinity[PREFERRED] ?? []).forEach((term, index) => {
    warn(term.preference, at.child(PREFERRED).index(index).child('preference'), true);
  });
}

function topologySpreadWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  spec.topologySpreadConstraints?.forEach((constraint, index) => {
    const at = path.child('topologySpreadConstraints').index(index);
    const text = DEPRECATED_NODE_LABELS.get(constraint.topologyKey);
    if (text) warnings.push(`${at.child('topologyKey')}: ${constraint.topologyKey} is ${text}`);
    if (!constraint.labelSelector) warnings.push(`${at.child('labelSelector')}: ${NULL_SELECTOR}`);
  });
}

/** Annotations of a container that have become fields. A Pod's AppArmor annotations are copied, and warned of there. */
function annotationWarnings(
  { name, securityContext }: Container,
  spec: PodSpec,
  annotations: Readonly<Record<string, string>>,
  path: FieldPath,
  isTemplate: boolean,
  warnings: string[],
): void {
  const seccomp = SECCOMP_CONTAINER_ANNOTATION_PREFIX + name;
  if (!securityContext?.seccompProfile && annotations[seccomp] !== undefined) {
    warnings.push(`${path.key(seccomp)}: ${SECCOMP_GONE}`);
  }
  const appArmor = APP_ARMOR_ANNOTATION_PREFIX + name;
  const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
  if (isTemplate && !profile && annotations[appArmor] !== undefined) {
    warnings.push(`${path.key(appArmor)}: deprecated since v1.30; use the "appArmorProfile" field instead`);
  }
}

/** Lists whose later entries would be lost when they are merged by key. */
function listWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  const aliases = new Set<string>();
  spec.hostAliases?.forEach(({ ip }, index) => {
    if (aliases.has(ip)) warnings.push(`${path.child('hostAliases').index(index).child('ip')}: duplicate ip "${ip}"`);
    aliases.add(ip);
  });
  const secrets = new Set<string>();
  const at = path.child('imagePullSecrets');
  spec.imagePullSecrets?.forEach(({ name = '' }, index) => {
    if (secrets.has(name)) warnings.push(`${at.index(index).child('name')}: duplicate name "${name}"`);
    secrets.add(name);
  });
  spec.imagePullSecrets?.forEach(({ name = '' }, index) => {
    if (name === '') warnings.push(`${at.index(index).child('name')}: invalid empty name ""`);
  });
}

function nullSelectorWarnings(affinity: PodAffinity | undefined, path: FieldPath, warnings: string[]): void {
  affinity?.[REQUIRED]?.forEach((term, index) => {
    if (term.labelSelector) return;
    warnings.push(`${path.child(REQUIRED).index(index).child('labelSelector')}: ${NULL_SELECTOR}`);
  });
  affinity?.[PREFERRED]?.forEach((term, index) => {
    if (term.podAffinityTerm.labelSelector) return;
    warnings.push(`${path.child(PREFERRED).index(index).child('podAffinityTerm', 'labelSelector')}: ${NULL_SELECTOR}`);
  });
}
