import { type FieldPath, fieldPath, type ObjectMeta } from '@pilothouse/apimachinery';
import type { PodAffinity, PodSpec, PodTemplateSpec } from '@pilothouse/api';
import {
  APP_ARMOR_ANNOTATION_PREFIX,
  SECCOMP_CONTAINER_ANNOTATION_PREFIX,
  SECCOMP_POD_ANNOTATION,
} from '../well-known.ts';
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
  const meta = template.metadata ?? {};
  const metaPath = path.child('metadata');
  const appArmor: string[] = [];
  visitContainers(template.spec, path.child('spec'), (container) => {
    const key = APP_ARMOR_ANNOTATION_PREFIX + container.name;
    const field = container.securityContext?.appArmorProfile ?? template.spec?.securityContext?.appArmorProfile;
    if (field || meta.annotations?.[key] === undefined) return;
    const at = metaPath.child('annotations').key(key);
    appArmor.push(`${at}: deprecated since v1.30; use the "appArmorProfile" field instead`);
  });
  return [...warningsForPodSpec(template.spec, meta, path.child('spec'), metaPath), ...appArmor];
}

/** The same for a Pod itself. */
export function warningsForPod(pod: { readonly spec: PodSpec; readonly metadata: ObjectMeta }): string[] {
  return warningsForPodSpec(pod.spec, pod.metadata, fieldPath('spec'), fieldPath('metadata'));
}

function warningsForPodSpec(spec: PodSpec, meta: ObjectMeta, path: FieldPath, metaPath: FieldPath): string[] {
  const warnings: string[] = [];
  nodeLabelWarnings(spec, path, warnings);
  topologySpreadWarnings(spec, path, warnings);
  annotationWarnings(spec, meta, metaPath.child('annotations'), warnings);
  if (spec.volumes) volumeWarnings(spec.volumes, path.child('volumes'), warnings);
  listWarnings(spec, path, warnings);
  for (const resource of ['memory', 'ephemeral-storage']) {
    fractionalBytes(spec.overhead?.[resource], path.child('overhead').key(resource), warnings);
  }
  visitContainers(spec, path, (container, at) => containerWarnings(container, at, warnings));
  portWarnings(spec, path, warnings);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const at = path.child('terminationGracePeriodSeconds');
    warnings.push(`${at}: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  nullSelectorWarnings(spec.affinity?.podAffinity, path.child('affinity', 'podAffinity'), warnings);
  nullSelectorWarnings(spec.affinity?.podAntiAffinity, path.child('affinity', 'podAntiAffinity'), warnings);
  return warnings;
}

function nodeLabelWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  for (const key in spec.nodeSelector) {
    const text = DEPRECATED_NODE_LABELS.get(key);
    if (text) warnings.push(`${path.child('nodeSelector').key(key)}: ${text}`);
  }
  const affinity = spec.affinity?.nodeAffinity;
  if (!affinity) return;
  const warn = (keys: readonly { readonly key: string }[] | undefined, at: FieldPath): void =>
    keys?.forEach(({ key }, index) => {
      const text = DEPRECATED_NODE_LABELS.get(key);
      if (text) warnings.push(`${at.child('matchExpressions').index(index).child('key')}: ${key} is ${text}`);
    });
  const at = path.child('affinity', 'nodeAffinity');
  (affinity[REQUIRED]?.nodeSelectorTerms ?? []).forEach((term, index) => {
    warn(term.matchExpressions, at.child(REQUIRED, 'nodeSelectorTerms').index(index));
  });
  (affinity[PREFERRED] ?? []).forEach((term, index) => {
    warn(term.preference?.matchExpressions, at.child(PREFERRED).index(index).child('preference'));
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

function annotationWarnings(spec: PodSpec, meta: ObjectMeta, path: FieldPath, warnings: string[]): void {
  const annotations = meta.annotations;
  if (annotations === undefined) return;
  for (const [key, text] of DEPRECATED_ANNOTATIONS) {
    if (annotations[key] !== undefined) warnings.push(`${path.key(key)}: ${text}`);
  }
  if (!spec.securityContext?.seccompProfile && annotations[SECCOMP_POD_ANNOTATION] !== undefined) {
    warnings.push(`${path.key(SECCOMP_POD_ANNOTATION)}: ${SECCOMP_GONE}`);
  }
  visitContainers(spec, path, (container) => {
    const key = SECCOMP_CONTAINER_ANNOTATION_PREFIX + container.name;
    if (container.securityContext?.seccompProfile || annotations[key] === undefined) return;
    warnings.push(`${path.key(key)}: ${SECCOMP_GONE}`);
  });
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
