import {
  deepEqual,
  FIELD_IMMUTABLE,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isQualifiedName,
  notSupported,
  parseQuantity,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '@pilothouse/api';
import { isNativeResource } from '../resources/resource-names.ts';
import { validateBasicQuantity } from '../resources/validate-quantity.ts';
import { lineDiff } from '../validation/line-diff.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import { BETA_STORAGE_CLASS_ANNOTATION } from '../well-known.ts';
import { validatePersistentVolumeClaimSpec } from './claim-spec.ts';

const SPEC = fieldPath('spec');
const STATUS = fieldPath('status');
const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

/** A claim's spec is a contract with its volume: later it may be bound, grow, and change its attributes class. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [spec, was] = [claim.spec ?? {}, old.spec ?? {}];
  const errors = validatePersistentVolumeClaimSpec(spec, SPEC);
  const rest = withoutAllowedChanges(claim, old, errors);
  if (!deepEqual(rest, was)) {
    const what =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbiddenField(SPEC, `${what}\n${lineDiff(was, rest)}`));
  }
  const [size, oldSize] = [storageOf(spec.resources?.requests), storageOf(was.resources?.requests)];
  if (size.compare(oldSize) < 0 && size.compare(storageOf(old.status?.capacity)) <= 0) {
    const detail = 'field can not be less than status.capacity';
    errors.push(forbiddenField(SPEC.child('resources', 'requests', 'storage'), detail));
  }
  errors.push(...validateImmutableField(spec.volumeMode, was.volumeMode, fieldPath('volumeMode')));
  if (old.status?.currentVolumeAttributesClassName !== undefined && !spec.volumeAttributesClassName) {
    const to = spec.volumeAttributesClassName === undefined ? 'nil' : 'empty string';
    const detail = `update to ${to} is forbidden when status.currentVolumeAttributesClassName is not nil`;
    if (spec.volumeAttributesClassName !== was.volumeAttributesClassName) {
      errors.push(forbiddenField(SPEC.child('volumeAttributesClassName'), detail));
    }
  }
  return errors;
}

const storageOf = (list: Record<string, string> | undefined) => parseQuantity(list?.storage ?? '0');

/** The new spec with what may change put back. */
function withoutAllowedChanges(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  errors: FieldError[],
): PersistentVolumeClaimSpec {
  const was = old.spec ?? {};
  const rest: PersistentVolumeClaimSpec = { ...claim.spec };
  const restore = <K extends keyof PersistentVolumeClaimSpec>(field: K): void => {
    if (was[field] === undefined) delete rest[field];
    else rest[field] = was[field];
  };
  if (!was.volumeName) restore('volumeName');
  const oldClass = old.metadata.annotations?.[BETA_STORAGE_CLASS_ANNOTATION];
  const newClass = claim.metadata.annotations?.[BETA_STORAGE_CLASS_ANNOTATION];
  const named = rest.storageClassName;
  const fromAnnotation =
    oldClass !== undefined &&
    was.storageClassName === undefined &&
    named === oldClass &&
    (newClass === undefined || newClass === oldClass);
  if (was.storageClassName === undefined && named !== undefined && (oldClass === undefined || named === oldClass)) {
    restore('storageClassName');
  }
  if (!fromAnnotation && oldClass !== newClass) {
    const at = fieldPath('metadata', 'annotations', BETA_STORAGE_CLASS_ANNOTATION);
    errors.push(invalidValue(at, newClass ?? '', FIELD_IMMUTABLE));
  }
  if (claim.status?.phase === 'Bound') {
    restore('volumeAttributesClassName');
    const storage = was.resources?.requests?.storage;
    if (rest.resources?.requests && storage !== undefined) {
      rest.resources = { ...rest.resources, requests: { ...rest.resources.requests, storage } };
    }
  }
  return rest;
}

export function validateClaimStatusUpdate({ spec, status = {} }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec?.accessModes?.length) errors.push(required(fieldPath('Spec', 'accessModes')));
  for (const [name, amount] of Object.entries(status.capacity ?? {})) {
    validateBasicQuantity(amount, STATUS.child('capacity').key(name), errors);
  }
  const resizePath = STATUS.child('allocatedResourceStatuses');
  for (const [name, resize] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    validateClaimResource(name, resizePath, errors);
    if (!RESIZE_STATUSES.includes(resize)) errors.push(notSupported(resizePath, name, RESIZE_STATUSES));
  }
  const allocatedPath = STATUS.child('allocatedResources');
  for (const [name, amount] of Object.entries(status.allocatedResources ?? {})) {
    if (validateClaimResource(name, allocatedPath, errors)) {
      validateBasicQuantity(amount, allocatedPath.key(name), errors);
    }
  }
  return errors;
}

/** Of Kubernetes' own resources a claim has only storage. */
function validateClaimResource(name: string, path: FieldPath, errors: FieldError[]): boolean {
  const messages = isQualifiedName(name);
  pushInvalid(errors, path, name, messages);
  if (messages.length > 0) return false;
  if (!isNativeResource(name) || name === 'storage') return true;
  errors.push(notSupported(path, name, ['storage']));
  return false;
}
