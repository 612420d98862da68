import {
  type FieldError,
  fieldPath,
  invalidValue,
  IS_NEGATIVE,
  nameIsDNSSubdomain,
  parseQuantity,
  validateImmutableField,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { CSIStorageCapacity } from '@pilothouse/api';
import { DEPRECATED_NODE_LABELS } from '../core/pod-spec/deprecated-node-labels.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { column, nameColumn, UNSET } from '../printing/index.ts';

const TOPOLOGY = fieldPath('nodeTopology');
const CLASS = fieldPath('storageClassName');

/** What a driver can still provision, for one class in one part of the cluster. */
export const csiStorageCapacity: KindBehaviour<CSIStorageCapacity> = {
  group: 'storage.k8s.io',
  kind: 'CSIStorageCapacity',
  columns: [
    nameColumn,
    column<CSIStorageCapacity>('StorageClassName', ({ storageClassName }) => storageClassName),
    column<CSIStorageCapacity>('Capacity', ({ capacity }) => capacity ?? UNSET),
  ],
  strategy: {
    validate: (each: CSIStorageCapacity) => validateCapacity(each),
    validateUpdate: (next: CSIStorageCapacity, old: CSIStorageCapacity) => [
      ...validateCapacity(next, old),
      ...validateImmutableField(next.nodeTopology, old.nodeTopology, TOPOLOGY),
      ...validateImmutableField(next.storageClassName, old.storageClassName, CLASS),
    ],
    updateChecks: ['metadata', 'metadataUpdate', 'update'],
    warnings: ({ nodeTopology }: CSIStorageCapacity) =>
      (nodeTopology?.matchExpressions ?? []).flatMap(({ key }, index) => {
        const advice = DEPRECATED_NODE_LABELS.get(key);
        return advice === undefined
          ? []
          : [`${TOPOLOGY.child('matchExpressions').index(index).child('key')}: ${advice}`];
      }),
    allowUnconditionalUpdate: false,
  },
};

function validateCapacity(
  { nodeTopology, storageClassName, capacity }: CSIStorageCapacity,
  old?: CSIStorageCapacity,
): FieldError[] {
  const allowInvalidLabelValueInSelector =
    old !== undefined && validateLabelSelector(old.nodeTopology, TOPOLOGY).length > 0;
  const errors = validateLabelSelector(nodeTopology, TOPOLOGY, { allowInvalidLabelValueInSelector });
  pushInvalid(errors, CLASS, storageClassName, nameIsDNSSubdomain(storageClassName, false));
  if (capacity !== undefined && parseQuantity(capacity).sign < 0)
    errors.push(invalidValue(fieldPath('capacity'), capacity, IS_NEGATIVE));
  return errors;
}
