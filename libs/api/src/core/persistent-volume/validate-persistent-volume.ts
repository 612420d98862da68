import { posix } from 'node:path';
import {
  deepEqual,
  FIELD_IMMUTABLE,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Subdomain,
  notSupported,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from '@pilothouse/api';
import { TERM_FIELDS, validateNodeSelector } from '../pod-spec/node-selector.ts';
import { validateBasicQuantity, validatePositiveQuantity } from '../resources/validate-quantity.ts';
import { internalForm, type InternalFields, sortedMap } from '../validation/internal-form.ts';
import { lineDiff } from '../validation/line-diff.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validateAccessModes, VOLUME_MODES } from './access-modes.ts';
import { persistentVolumeSourceOf, validatePersistentVolumeSource } from './volume-source.ts';

const SPEC = fieldPath('spec');
const AFFINITY_FIELDS: InternalFields = {
  Required: ['required', null, { NodeSelectorTerms: ['nodeSelectorTerms', null, TERM_FIELDS] }],
};
const MOUNT_OPTIONS_ANNOTATION = 'volume.beta.kubernetes.io/mount-options';
const MOUNTED_WITH_OPTIONS = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
] as const;
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];

/** Labels of nodes that have a new name; a volume may follow. */
const RENAMED_LABELS: ReadonlyMap<string, string> = new Map([
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
]);

export function validatePersistentVolume(volume: PersistentVolume): FieldError[] {
  const { metadata, spec = {} } = volume;
  const errors = validateContents(volume);
  const hasOptions = metadata.annotations?.[MOUNT_OPTIONS_ANNOTATION] !== undefined;
  if (hasOptions && MOUNTED_WITH_OPTIONS.every((source) => spec[source] === undefined)) {
    const at = fieldPath('metadata', 'annotations', MOUNT_OPTIONS_ANNOTATION);
    errors.push(forbiddenField(at, 'may not specify mount options for this volume type'));
  }
  return errors;
}

function validateContents(volume: PersistentVolume): FieldError[] {
  const errors: FieldError[] = [];
  const spec = volume.spec ?? {};
  if (!spec.accessModes?.length) errors.push(required(SPEC.child('accessModes')));
  validateAccessModes(spec.accessModes ?? [], SPEC.child('accessModes'), errors);
  validateCapacity(spec.capacity, SPEC.child('capacity'), errors);
  const policy = spec.persistentVolumeReclaimPolicy;
  const policyPath = SPEC.child('persistentVolumeReclaimPolicy');
  if (policy && !RECLAIM_POLICIES.includes(policy)) errors.push(notSupported(policyPath, policy, RECLAIM_POLICIES));
  if (spec.nodeAffinity) validateNodeAffinity(spec.nodeAffinity, SPEC.child('nodeAffinity'), errors);
  validatePersistentVolumeSource(spec, volume.metadata.name ?? '', SPEC, errors);
  if (policy === 'Recycle' && spec.hostPath && posix.normalize(spec.hostPath.path) === '/') {
    errors.push(forbiddenField(policyPath, "may not be 'recycle' for a hostPath mount of '/'"));
  }
  validateClasses(spec, errors);
  return errors;
}

function validateCapacity(capacity: Record<string, string> | undefined, path: FieldPath, errors: FieldError[]): void {
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.push(required(path));
  if (names.length !== 1 || names[0] !== 'storage') errors.push(notSupported(path, sortedMap(capacity), ['storage']));
  for (const [name, amount] of Object.entries(capacity ?? {})) {
    validateBasicQuantity(amount, path.key(name), errors);
    validatePositiveQuantity(amount, path.key(name), errors);
  }
}

function validateNodeAffinity({ required: selector }: VolumeNodeAffinity, path: FieldPath, errors: FieldError[]): void {
  if (selector) validateNodeSelector(selector, path.child('required'), errors);
  else errors.push(required(path.child('required'), 'must specify required node constraints'));
}

function validateClasses(spec: PersistentVolumeSpec, errors: FieldError[]): void {
  const { storageClassName, volumeMode, volumeAttributesClassName } = spec;
  if (storageClassName) {
    pushInvalid(errors, SPEC.child('storageClassName'), storageClassName, isDNS1123Subdomain(storageClassName));
  }
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    errors.push(notSupported(SPEC.child('volumeMode'), volumeMode, VOLUME_MODES));
  }
  if (volumeAttributesClassName === undefined) return;
  const at = SPEC.child('volumeAttributesClassName');
  if (!volumeAttributesClassName) errors.push(required(at, 'an empty string is disallowed'));
  else pushInvalid(errors, at, volumeAttributesClassName, isDNS1123Subdomain(volumeAttributesClassName));
  if (!spec.csi) errors.push(required(SPEC.child('csi'), 'has to be specified when using volumeAttributesClassName'));
}

/** The storage behind a volume cannot be exchanged. */
export function validatePersistentVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validateContents(volume);
  const [spec, was] = [volume.spec ?? {}, old.spec ?? {}];
  const [source, oldSource] = [persistentVolumeSourceOf(spec), persistentVolumeSourceOf(was)];
  if (source.csi?.controllerExpandSecretRef && oldSource.csi && !oldSource.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...csi } = source.csi;
    source.csi = csi;
  }
  if (!deepEqual(source, oldSource)) {
    const detail = `spec.persistentvolumesource is immutable after creation\n${lineDiff(oldSource, source)}`;
    errors.push(forbiddenField(SPEC.child('persistentvolumesource'), detail));
  }
  errors.push(...validateImmutableField(spec.volumeMode, was.volumeMode, fieldPath('volumeMode')));
  if (
    was.nodeAffinity &&
    !deepEqual(spec.nodeAffinity, was.nodeAffinity) &&
    !isRenamed(spec.nodeAffinity, was.nodeAffinity)
  ) {
    const shown = spec.nodeAffinity ? internalForm(spec.nodeAffinity, AFFINITY_FIELDS) : null;
    const detail = `${FIELD_IMMUTABLE}, except for updating from beta label to GA`;
    errors.push(invalidValue(fieldPath('nodeAffinity'), shown, detail));
  }
  if (was.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    const detail = 'update from non-nil value to nil is forbidden';
    errors.push(forbiddenField(SPEC.child('volumeAttributesClassName'), detail));
  }
  return errors;
}

/** Whether the affinities differ only in labels that have been renamed. */
function isRenamed(affinity: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity): boolean {
  const terms = affinity?.required?.nodeSelectorTerms ?? [];
  const renamed = (old.required?.nodeSelectorTerms ?? []).map((term, i) => ({
    ...term,
    ...(term.matchExpressions
      ? {
          matchExpressions: term.matchExpressions.map((expression, j) => {
            const key = terms[i]?.matchExpressions?.[j]?.key;
            return key !== undefined && RENAMED_LABELS.get(expression.key) === key
              ? { ...expression, key }
              : expression;
          }),
        }
      : {}),
  }));
  return deepEqual(terms, renamed);
}
