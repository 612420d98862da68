import { deepEqual, type FieldError, fieldPath, forbiddenField } from '@pilothouse/apimachinery';
import type { VolumeAttributesClass } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column } from '../printing/index.ts';
import { validateParameters, validateProvisioner } from './class-parameters.ts';

const DEFAULT_ANNOTATION = 'volumeattributesclass.alpha.kubernetes.io/is-default-class';

/** How a volume performs; a claim may move from one class to another. */
export const volumeAttributesClass: KindBehaviour<VolumeAttributesClass> = {
  group: 'storage.k8s.io',
  kind: 'VolumeAttributesClass',
  columns: [
    column<VolumeAttributesClass>(
      'Name',
      ({ metadata: { name = '', annotations } }) =>
        annotations?.[DEFAULT_ANNOTATION] === 'true' ? `${name} (default)` : name,
      {
        format: 'name',
        description: 'Name must be unique within a namespace.',
      },
    ),
    column<VolumeAttributesClass>('DriverName', ({ driverName }) => driverName),
    ageColumn,
  ],
  strategy: {
    validate: validateClass,
    validateUpdate: (next: VolumeAttributesClass, old: VolumeAttributesClass) => [
      ...(next.driverName === old.driverName
        ? []
        : [forbiddenField(fieldPath('driverName'), 'updates to driverName are forbidden.')]),
      ...(deepEqual(next.parameters, old.parameters)
        ? []
        : [forbiddenField(fieldPath('parameters'), 'updates to parameters are forbidden.')]),
      ...validateClass(next),
    ],
    updateChecks: ['metadataUpdate', 'update', 'metadata'],
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
};

function validateClass({ driverName, parameters = {} }: VolumeAttributesClass): FieldError[] {
  const errors: FieldError[] = [];
  validateProvisioner(driverName, fieldPath('driverName'), errors);
  validateParameters(parameters, fieldPath('parameters'), errors, { mayBeEmpty: false });
  return errors;
}
