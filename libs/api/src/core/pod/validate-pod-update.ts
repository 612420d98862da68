import {
  deepEqual,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  inclusiveRangeError,
  invalidValue,
  required,
} from '@pilothouse/apimachinery';
import type { Container, Pod, PodSchedulingGate, PodSpec, Toleration } from '@pilothouse/api';
import { MAX_INT32 } from '../validation/numbers.ts';
import { lineDiff } from '../validation/line-diff.ts';
import { APP_ARMOR_ANNOTATION_PREFIX, MIRROR_POD_ANNOTATION } from '../well-known.ts';
import { validateImageBlanks } from '../pod-spec/container.ts';
import { validatePodAnnotations } from '../pod-spec/pod-annotations.ts';
import { validateTolerations } from '../pod-spec/tolerations.ts';
import { withoutGatedChanges } from './gated-pod-update.ts';
import { validatePodContents } from './validate-pod.ts';

const SPEC = fieldPath('spec');
const ANNOTATIONS = fieldPath('metadata', 'annotations');

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

/** A Pod runs what it was created to run; only a few fields may change afterwards. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = validatePodContents(pod);
  errors.push(...validateAnnotationUpdate(pod, old));
  for (const list of ['containers', 'initContainers'] as const) {
    if ((pod.spec[list]?.length ?? 0) !== (old.spec[list]?.length ?? 0)) {
      errors.push(forbiddenField(SPEC.child(list), 'pod updates may not add or remove containers'));
      return errors;
    }
    pod.spec[list]?.forEach((container, index) => {
      const at = SPEC.child(list).index(index);
      if (!container.image) errors.push(required(at.child('image')));
      validateImageBlanks(container, at, errors);
    });
  }
  if (!validateDeadline(pod.spec, old.spec, errors)) return errors;
  validateTolerationsOnlyAdded(pod.spec.tolerations ?? [], old.spec.tolerations ?? [], errors);
  validateGatesOnlyRemoved(pod.spec.schedulingGates ?? [], old.spec.schedulingGates ?? [], errors);
  if (deepEqual(pod.spec, old.spec)) return errors;
  let rest = withoutUpdatableChanges(pod.spec, old.spec);
  if (old.spec.schedulingGates?.length) rest = withoutGatedChanges(rest, old.spec, SPEC, errors);
  if (!deepEqual(rest, old.spec)) {
    const detail = `pod updates may not change fields other than ${UPDATABLE.join(',')}\n${lineDiff(old.spec, rest)}`;
    errors.push(forbiddenField(SPEC, detail));
  }
  return errors;
}

/** Annotations that the kubelet reads when it starts the pod are as fixed as the spec. */
export function validateAnnotationUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const [next, previous] = [pod.metadata.annotations ?? {}, old.metadata.annotations ?? {}];
  const refuse = (key: string, verb: string): void => {
    if (key.startsWith(APP_ARMOR_ANNOTATION_PREFIX)) {
      errors.push(forbiddenField(ANNOTATIONS.key(key), `may not ${verb} AppArmor annotations`));
    } else if (key === MIRROR_POD_ANNOTATION) {
      errors.push(forbiddenField(ANNOTATIONS.key(key), `may not ${verb} mirror pod annotation`));
    }
  };
  for (const key in previous) if (next[key] !== previous[key]) refuse(key, 'remove or update');
  for (const key in next) if (previous[key] === undefined) refuse(key, 'add');
  validatePodAnnotations(pod.metadata.annotations, pod.spec, ANNOTATIONS, errors);
  return errors;
}

/** A deadline may be set or brought forward. Returns whether it makes sense to look at the rest. */
function validateDeadline(spec: PodSpec, old: PodSpec, errors: FieldError[]): boolean {
  const at = SPEC.child('activeDeadlineSeconds');
  const [next, previous] = [spec.activeDeadlineSeconds, old.activeDeadlineSeconds];
  if (next === undefined) {
    if (previous !== undefined) {
      errors.push(invalidValue(at, undefined, 'must not update from a positive integer to nil value'));
    }
    return true;
  }
  if (next < 0 || next > MAX_INT32) errors.push(invalidValue(at, next, inclusiveRangeError(0, MAX_INT32)));
  else if (previous !== undefined && previous < next) {
    errors.push(invalidValue(at, next, 'must be less than or equal to previous value'));
  } else return true;
  return false;
}

function validateTolerationsOnlyAdded(
  tolerations: readonly Toleration[],
  old: readonly Toleration[],
  errors: FieldError[],
): void {
  const kept = old.every((each) =>
    tolerations.some((other) => deepEqual({ ...each, tolerationSeconds: 0 }, { ...other, tolerationSeconds: 0 })),
  );
  const at = SPEC.child('tolerations');
  if (kept) return validateTolerations(tolerations, at, errors);
  errors.push(forbiddenField(at, 'existing toleration can not be modified except its tolerationSeconds'));
}

function validateGatesOnlyRemoved(
  gates: readonly PodSchedulingGate[],
  old: readonly PodSchedulingGate[],
  errors: FieldError[],
): void {
  gates.forEach(({ name }, index) => {
    if (old.some((gate) => gate.name === name)) return;
    const at: FieldPath = SPEC.child('schedulingGates').index(index).child('name');
    errors.push(forbiddenField(at, `only deletion is allowed, but found new scheduling gate '${name}'`));
  });
}

/** The new spec with everything that may change put back, so that what is left must equal the old one. */
function withoutUpdatableChanges(spec: PodSpec, old: PodSpec): PodSpec {
  const rest: PodSpec = { ...spec, containers: withImages(spec.containers, old.containers) ?? [] };
  restore(rest, 'initContainers', withImages(spec.initContainers, old.initContainers));
  restore(rest, 'activeDeadlineSeconds', old.activeDeadlineSeconds);
  restore(rest, 'schedulingGates', old.schedulingGates);
  restore(rest, 'tolerations', old.tolerations);
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    restore(rest, 'terminationGracePeriodSeconds', old.terminationGracePeriodSeconds);
  }
  return rest;
}

function withImages(containers: Container[] | undefined, old: Container[] | undefined): Container[] | undefined {
  return containers?.map((container, index) => {
    const image = old?.[index]?.image;
    return image === undefined ? container : { ...container, image };
  });
}

function restore<K extends keyof PodSpec>(spec: PodSpec, field: K, value: PodSpec[K]): void {
  if (value === undefined) delete spec[field];
  else spec[field] = value;
}
