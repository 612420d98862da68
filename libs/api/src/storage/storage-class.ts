import {
  deepEqual,
  duplicate,
  type FieldError,
  fieldPath,
  forbiddenField,
  notSupported,
  required,
  validateImmutableField,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { StorageClass, TopologySelectorTerm } from '@pilothouse/api';
import { DEPRECATED_NODE_LABELS } from '../core/pod-spec/deprecated-node-labels.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column } from '../printing/index.ts';
import { isDefaultStorageClass } from './default-storage-class.ts';
import { validateParameters, validateProvisioner } from './class-parameters.ts';

const TOPOLOGIES = fieldPath('allowedTopologies');
const RECLAIM_POLICIES = ['Delete', 'Retain'];
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];

export const storageClass: KindBehaviour<StorageClass> = {
  group: 'storage.k8s.io',
  kind: 'StorageClass',
  defaults: (each) => {
    each.reclaimPolicy ??= 'Delete';
    each.volumeBindingMode ??= 'Immediate';
  },
  columns: [
    column<StorageClass>(
      'Name',
      (each) => `${each.metadata.name ?? ''}${isDefaultStorageClass(each) ? ' (default)' : ''}`,
      {
        format: 'name',
        description: 'Name must be unique within a namespace.',
      },
    ),
    column<StorageClass>('Provisioner', ({ provisioner }) => provisioner),
    column<StorageClass>('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column<StorageClass>('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    column<StorageClass>('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
    ageColumn,
  ],
  strategy: {
    validate: validateClass,
    validateUpdate: validateClassUpdate,
    updateChecks: ['metadata', 'object', 'metadataUpdate', 'update'],
    warnings: topologyWarnings,
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
};

function validateClass(each: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  const { reclaimPolicy, volumeBindingMode } = each;
  validateProvisioner(each.provisioner, fieldPath('provisioner'), errors);
  validateParameters(each.parameters ?? {}, fieldPath('parameters'), errors, { mayBeEmpty: true });
  if (reclaimPolicy && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    errors.push(notSupported(fieldPath('reclaimPolicy'), reclaimPolicy, RECLAIM_POLICIES));
  }
  if (volumeBindingMode === undefined) errors.push(required(fieldPath('volumeBindingMode')));
  else if (!BINDING_MODES.includes(volumeBindingMode)) {
    errors.push(notSupported(fieldPath('volumeBindingMode'), volumeBindingMode, BINDING_MODES));
  }
  validateTopologies(each.allowedTopologies ?? [], errors);
  return errors;
}

function validateTopologies(terms: readonly TopologySelectorTerm[], errors: FieldError[]): void {
  // Upstream starts with one that is empty for each, so that an empty one never is the first.
  const seen: object[] = terms.map(() => ({}));
  terms.forEach(({ matchLabelExpressions = [] }, index) => {
    const at = TOPOLOGIES.index(index).child('matchLabelExpressions');
    const valuesOf: Record<string, string[]> = {};
    matchLabelExpressions.forEach(({ key, values }, position) => {
      const here = at.index(position);
      if (!values?.length) errors.push(required(here.child('values')));
      values?.forEach((value, place) => {
        if (values.indexOf(value) < place) errors.push(duplicate(here.child('values').index(place), value));
      });
      errors.push(...validateLabelName(key, here.child('key')));
      if (key in valuesOf) errors.push(duplicate(here.child('key'), key));
      valuesOf[key] = [...(values ?? [])].sort();
    });
    for (const each of seen) if (deepEqual(each, valuesOf)) errors.push(duplicate(at, ''));
    seen.push(valuesOf);
  });
}

/** Volumes have been made by the class as it was. */
function validateClassUpdate(next: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  const forbidChange = (name: 'parameters' | 'provisioner' | 'reclaimPolicy'): void => {
    if (!deepEqual(next[name], old[name]))
      errors.push(forbiddenField(fieldPath(name), `updates to ${name} are forbidden.`));
  };
  forbidChange('parameters');
  forbidChange('provisioner');
  forbidChange('reclaimPolicy');
  return [
    ...errors,
    ...validateImmutableField(next.volumeBindingMode, old.volumeBindingMode, fieldPath('volumeBindingMode')),
  ];
}

function topologyWarnings({ allowedTopologies = [] }: StorageClass): string[] {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, index) =>
    matchLabelExpressions.flatMap(({ key }, position) => {
      const advice = DEPRECATED_NODE_LABELS.get(key);
      const at = TOPOLOGIES.index(index).child('matchLabelExpressions').index(position).child('key');
      return advice === undefined ? [] : [`${at}: ${advice}`];
    }),
  );
}
