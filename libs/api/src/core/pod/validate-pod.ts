import { type FieldError, fieldPath, forbiddenField } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import { validateImageBlanks } from '../pod-spec/container.ts';
import {
  validateAppArmorMatches,
  validatePodAnnotations,
  validateSeccompMatches,
} from '../pod-spec/pod-annotations.ts';
import { validatePodSpec } from '../pod-spec/validate-pod-spec.ts';

const SPEC = fieldPath('spec');
const ANNOTATIONS = fieldPath('metadata', 'annotations');

/** A Pod as it is created. */
export function validatePod(pod: Pod): FieldError[] {
  const { spec, metadata } = pod;
  const errors = validatePodContents(pod);
  if (spec.ephemeralContainers?.length) {
    errors.push(forbiddenField(SPEC.child('ephemeralContainers'), 'cannot be set on create'));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const detail = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbiddenField(SPEC.child('nodeName'), detail));
  }
  validateSeccompMatches(metadata.annotations, spec, SPEC, errors);
  validateAppArmorMatches(metadata.annotations, spec, SPEC, errors);
  return errors;
}

/** What holds for a Pod at any time, besides its metadata. */
export function validatePodContents(pod: Pod): FieldError[] {
  const errors: FieldError[] = [];
  validatePodAnnotations(pod.metadata.annotations, pod.spec, ANNOTATIONS, errors);
  for (const error of validatePodSpec(pod.spec, SPEC, { isPod: true, podMeta: pod.metadata })) errors.push(error);
  if (!pod.spec.serviceAccountName) validateNoTokens(pod, errors);
  for (const list of ['containers', 'initContainers'] as const) {
    pod.spec[list]?.forEach((container, index) =>
      validateImageBlanks(container, SPEC.child(list).index(index), errors),
    );
  }
  return errors;
}

/** A token needs an account to be for. */
function validateNoTokens({ spec }: Pod, errors: FieldError[]): void {
  spec.volumes?.forEach((volume, i) => {
    volume.projected?.sources?.forEach((source, j) => {
      if (!source.serviceAccountToken) return;
      const at = SPEC.child('volumes').index(i).child('projected', 'sources').index(j).child('serviceAccountToken');
      errors.push(forbiddenField(at, 'must not be specified when serviceAccountName is not set'));
    });
  });
}
