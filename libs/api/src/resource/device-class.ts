import { deepEqual, type FieldError, fieldPath, invalidValue } from '@pilothouse/apimachinery';
import type { DeviceClass, ValidationContext } from '@pilothouse/api';
import { isExtendedResource } from '../core/resources/resource-names.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, nameColumn } from '../printing/index.ts';
import { validateList } from './bounded-list.ts';
import { MAX_CONFIGS, validateDeviceConfig, validateSelectors } from './device-config.ts';

const SPEC = fieldPath('spec');

/** What an administrator calls a sort of devices. */
export const deviceClass: KindBehaviour<DeviceClass> = {
  group: 'resource.k8s.io',
  kind: 'DeviceClass',
  columns: [nameColumn, ageColumn],
  strategy: {
    validate: (each: DeviceClass, context: ValidationContext) => validateClass(each, context),
    validateUpdate: (each: DeviceClass, old: DeviceClass, context: ValidationContext) =>
      validateClass(each, context, old),
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
    deleteReturnsObject: true,
  },
};

function validateClass({ spec }: DeviceClass, { expressions }: ValidationContext, old?: DeviceClass): FieldError[] {
  const errors: FieldError[] = [];
  const { selectors, config, extendedResourceName: name } = spec;
  const isStored = old !== undefined && deepEqual(config, old.spec.config);
  validateSelectors(selectors, SPEC.child('selectors'), errors, expressions);
  validateList(
    config,
    MAX_CONFIGS,
    (each, at) => validateDeviceConfig(each, at, errors, isStored),
    SPEC.child('config'),
    errors,
  );
  if (name !== undefined && !isExtendedResource(name)) {
    errors.push(invalidValue(SPEC.child('extendedResourceName'), name, 'must be a valid extended resource name'));
  }
  return errors;
}
