import {
  deepEqual,
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1123Subdomain,
  nameIsDNSLabel,
  notSupported,
  required,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { PersistentVolumeClaimSpec, TypedObjectReference } from '@pilothouse/api';
import { VOLUME_MODES, validateAccessModes } from '../persistent-volume/access-modes.ts';
import { validatePositiveQuantity } from '../resources/validate-quantity.ts';
import { pushInvalid } from '../validation/push-invalid.ts';

/** A claim's spec, wherever it stands: a claim, a StatefulSet's claim templates, an ephemeral volume. */
export function validatePersistentVolumeClaimSpec(spec: PersistentVolumeClaimSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const accessModes = spec.accessModes ?? [];
  if (accessModes.length === 0) {
    errors.push(required(path.child('accessModes'), 'at least 1 access mode is required'));
  }
  errors.push(...validateLabelSelector(spec.selector, path.child('selector')));
  validateAccessModes(accessModes, path.child('accessModes'), errors);
  const storage = spec.resources?.requests?.storage;
  const storagePath = path.child('resources').key('storage');
  if (storage === undefined) errors.push(required(storagePath));
  else validatePositiveQuantity(storage, storagePath, errors);
  if (spec.storageClassName) {
    const messages = isDNS1123Subdomain(spec.storageClassName);
    pushInvalid(errors, path.child('storageClassName'), spec.storageClassName, messages);
  }
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) {
    errors.push(notSupported(path.child('volumeMode'), spec.volumeMode, VOLUME_MODES));
  }
  validateDataSources(spec, path, errors);
  if (spec.volumeAttributesClassName) {
    const messages = isDNS1123Subdomain(spec.volumeAttributesClassName);
    pushInvalid(errors, path.child('volumeAttributesClassName'), spec.volumeAttributesClassName, messages);
  }
  return errors;
}

/** What the volume is filled from: the old field and the new one must agree. Upstream shows the path, as an empty object. */
function validateDataSources(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (dataSource) validateDataSource(dataSource, path.child('dataSource'), errors);
  if (dataSourceRef) validateDataSource(dataSourceRef, path.child('dataSourceRef'), errors);
  if (!dataSource || !dataSourceRef) return;
  if (dataSourceRef.namespace) {
    const detail = 'may not be specified when dataSourceRef.namespace is specified';
    errors.push(invalidValue(path, {}, detail));
  } else if (!deepEqual({ ...dataSource }, { ...dataSourceRef, namespace: undefined })) {
    errors.push(invalidValue(path, {}, 'must match dataSourceRef'));
  }
}

function validateDataSource(source: TypedObjectReference, path: FieldPath, errors: FieldError[]): void {
  if (!source.name) errors.push(required(path.child('name')));
  if (!source.kind) errors.push(required(path.child('kind')));
  if (source.apiGroup) {
    pushInvalid(errors, path.child('apiGroup'), source.apiGroup, isDNS1123Subdomain(source.apiGroup));
  } else if (source.kind !== 'PersistentVolumeClaim') {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalidValue(path, source.kind, detail));
  }
  if (source.namespace) {
    pushInvalid(errors, path.child('namespace'), source.namespace, nameIsDNSLabel(source.namespace, false));
  }
}
