import {
  deepEqual,
  duplicate,
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  required,
  validateNonnegativeField,
} from '@pilothouse/apimachinery';
import type { CSINode, CSINodeDriver } from '@pilothouse/api';
import { validateCsiDriverName } from '../core/pod-spec/volumes/csi.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { internalForm } from '../meta/internal-form.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

const DRIVERS = fieldPath('spec', 'drivers');
const MAX_NODE_ID = 256;

/** The CSI drivers on a node, by the node's name. */
export const csiNode: KindBehaviour<CSINode> = {
  group: 'storage.k8s.io',
  kind: 'CSINode',
  columns: [
    nameColumn,
    column<CSINode>('Drivers', ({ spec }) => spec.drivers?.length ?? 0, { type: 'integer' }),
    ageColumn,
  ],
  strategy: {
    validate: validateNode,
    validateUpdate: (next: CSINode, old: CSINode) => [...validateNode(next), ...validateSameDrivers(next, old)],
    updateChecks: ['metadata', 'object', 'metadata', 'update'],
    allowUnconditionalUpdate: false,
    deleteReturnsObject: true,
  },
};

function validateNode({ spec }: CSINode): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  spec.drivers?.forEach((driver, index) => {
    const at = DRIVERS.index(index);
    validateDriver(driver, at, errors);
    if (names.has(driver.name)) errors.push(duplicate(at.child('name'), driver.name));
    names.add(driver.name);
    validateTopologyKeys(driver.topologyKeys ?? [], at, errors);
  });
  return errors;
}

function validateDriver({ name, nodeID, allocatable }: CSINodeDriver, path: FieldPath, errors: FieldError[]): void {
  validateCsiDriverName(name, path.child('name'), errors);
  if (!nodeID) errors.push(required(path.child('nodeID')));
  if (nodeID.length > MAX_NODE_ID)
    errors.push(invalidValue(path.child('nodeID'), nodeID, `must be ${MAX_NODE_ID} characters or less`));
  errors.push(...validateNonnegativeField(allocatable?.count, path.child('allocatable', 'count')));
}

function validateTopologyKeys(keys: readonly string[], path: FieldPath, errors: FieldError[]): void {
  keys.forEach((key, index) => {
    if (!key) errors.push(required(path));
    if (keys.indexOf(key) < index) errors.push(duplicate(path, key));
    pushInvalid(errors, path, key, isQualifiedName(key));
  });
}

/** Drivers come and go; one that stays can change only how many volumes it takes. */
function validateSameDrivers(next: CSINode, old: CSINode): FieldError[] {
  const identity = ({ allocatable: _, ...rest }: CSINodeDriver) => rest;
  return (old.spec.drivers ?? []).flatMap((before) =>
    (next.spec.drivers ?? [])
      .filter(({ name }) => name === before.name)
      .flatMap((after) =>
        deepEqual(identity(after), identity(before))
          ? []
          : [invalidValue(DRIVERS, internalForm('storage.v1.CSINodeDriver', identity(after)), 'field is immutable')],
      ),
  );
}
