import { deepEqual, type FieldError, fieldPath } from '@pilothouse/apimachinery';
import type { AppArmorProfile, LabelSelector, Pod, PodAffinityTerm } from '@pilothouse/api';
import { dropDisabledPodFields } from '../pod-spec/drop-disabled-fields.ts';
import { validateAppArmorProfile } from '../pod-spec/security-profiles.ts';
import { visitContainers } from '../pod-spec/visit-containers.ts';
import { APP_ARMOR_ANNOTATION_PREFIX } from '../well-known.ts';
import { qosClassOf } from './qos-class.ts';

/** A new Pod starts as Pending, whatever its author says of its status. */
export function preparePodForCreate(pod: Pod): void {
  dropDisabledPodFields(pod.spec);
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec) };
  if (pod.spec.schedulingGates?.length) {
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: null,
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
  mergeLabelKeys(pod);
  copyAppArmorAnnotations(pod);
}

/** Writes the values that `matchLabelKeys` takes from the pod's own labels into the selectors (KEP-3633, KEP-3243). */
function mergeLabelKeys(pod: Pod): void {
  const labels = pod.metadata.labels ?? {};
  const merge = (selector: LabelSelector, keys: readonly string[] | undefined, operator: string): void => {
    for (const key of keys ?? []) {
      const value = labels[key];
      if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] });
    }
  };
  const mergeTerm = (term: PodAffinityTerm): void => {
    if (!term.labelSelector) return;
    merge(term.labelSelector, term.matchLabelKeys, 'In');
    merge(term.labelSelector, term.mismatchLabelKeys, 'NotIn');
  };
  for (const affinity of [pod.spec.affinity?.podAffinity, pod.spec.affinity?.podAntiAffinity]) {
    affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((term) => mergeTerm(term.podAffinityTerm));
    affinity?.requiredDuringSchedulingIgnoredDuringExecution?.forEach(mergeTerm);
  }
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) {
    if (constraint.labelSelector) merge(constraint.labelSelector, constraint.matchLabelKeys, 'In');
  }
}

const APP_ARMOR_WARNINGS = new WeakMap<Pod, readonly string[]>();

/** What a client should hear of the AppArmor annotations of a prepared pod: where they were not backed by a field. */
export const appArmorWarnings = (pod: Pod): readonly string[] => APP_ARMOR_WARNINGS.get(pod) ?? [];

/** The annotation was there before the field; what it says of a container without the field moves into it. */
function copyAppArmorAnnotations(pod: Pod): void {
  const annotations = pod.metadata.annotations;
  if (annotations === undefined || pod.spec.os?.name === 'windows') return;
  const ofPod = pod.spec.securityContext?.appArmorProfile;
  const warnings: string[] = [];
  visitContainers(pod.spec, fieldPath('spec'), (container) => {
    const key = APP_ARMOR_ANNOTATION_PREFIX + container.name;
    const text = annotations[key];
    if (text === undefined || container.securityContext?.appArmorProfile) return;
    const profile = appArmorProfileOf(text);
    if (profile && deepEqual(profile, ofPod)) return;
    if (profile) (container.securityContext ??= {}).appArmorProfile = profile;
    const at = fieldPath('metadata', 'annotations').key(key);
    warnings.push(`${at}: deprecated since v1.30; use the "appArmorProfile" field instead`);
  });
  if (warnings.length > 0) APP_ARMOR_WARNINGS.set(pod, warnings);
}

function appArmorProfileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (!annotation.startsWith('localhost/')) return undefined;
  const profile = { type: 'Localhost', localhostProfile: annotation.slice('localhost/'.length) };
  const errors: FieldError[] = [];
  validateAppArmorProfile(profile, fieldPath(), errors);
  return errors.length === 0 ? profile : undefined;
}
