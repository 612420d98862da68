import {
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isDNS1123Subdomain,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { CounterSet, ResourcePool, ResourceSlice, ResourceSliceSpec } from '@pilothouse/api';
import { validateNodeSelector } from '../core/pod-spec/node-selector.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { validateSet } from './bounded-list.ts';
import { validateCounters } from './counters.ts';
import { validateCounterName, validateDriverName, validatePoolName } from './names.ts';
import { validateDevice } from './validate-device.ts';

const SPEC = fieldPath('spec');
const MAX_DEVICES = 128;
const MAX_DETAILED_DEVICES = 64;
const MAX_COUNTER_SETS = 8;
const ONE_OF = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

export function validateSlice({ spec }: ResourceSlice, old?: ResourceSlice): FieldError[] {
  const errors: FieldError[] = [];
  validateDriverName(spec.driver, SPEC.child('driver'), errors);
  validatePool(spec.pool, SPEC.child('pool'), errors);
  if (old) {
    errors.push(
      ...validateImmutableField(spec.pool.name, old.spec.pool.name, SPEC.child('pool', 'name')),
      ...validateImmutableField(spec.driver, old.spec.driver, SPEC.child('driver')),
      ...validateImmutableField(spec.nodeName, old.spec.nodeName, SPEC.child('nodeName')),
    );
  }
  validateNodes(spec, errors);
  if (spec.sharedCounters && spec.devices)
    errors.push(invalidValue(SPEC, '', 'only one of `sharedCounters` or `devices` is allowed'));
  const isDetailed =
    spec.devices?.some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length) ?? false;
  const perDevice = spec.perDeviceNodeSelection ?? false;
  validateSet(
    spec.devices,
    isDetailed ? MAX_DETAILED_DEVICES : MAX_DEVICES,
    (device, at) =>
      validateDevice(
        device,
        old?.spec.devices?.find(({ name }) => name === device.name),
        perDevice,
        at,
        errors,
      ),
    ({ name }) => name,
    SPEC.child('devices'),
    errors,
  );
  validateSet(
    spec.sharedCounters,
    MAX_COUNTER_SETS,
    validateCounterSet,
    ({ name }) => name,
    SPEC.child('sharedCounters'),
    errors,
  );
  return errors;
}

function validatePool(
  { name, generation = 0, resourceSliceCount = 0 }: ResourcePool,
  path: FieldPath,
  errors: FieldError[],
): void {
  validatePoolName(name, path.child('name'), errors);
  if (resourceSliceCount <= 0)
    errors.push(invalidValue(path.child('resourceSliceCount'), resourceSliceCount, 'must be greater than zero'));
  if (generation < 0)
    errors.push(invalidValue(path.child('generation'), generation, 'must be greater than or equal to zero'));
}

/** Where the devices are: on one node, on some, on all, or each says for itself. */
function validateNodes(
  { nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: ResourceSliceSpec,
  errors: FieldError[],
): void {
  const given: string[] = [];
  if (nodeName) {
    given.push('`nodeName`');
    pushInvalid(errors, SPEC.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName));
  } else if (nodeName === '')
    errors.push(invalidValue(SPEC.child('nodeName'), '', 'must be either unset or set to a non-empty string'));
  if (nodeSelector) {
    given.push('`nodeSelector`');
    validateNodeSelector(nodeSelector, SPEC.child('nodeSelector'), errors);
    const terms = nodeSelector.nodeSelectorTerms ?? [];
    if (terms.length !== 1) {
      errors.push(
        invalidValue(
          SPEC.child('nodeSelector', 'nodeSelectorTerms'),
          terms,
          'must have exactly one node selector term',
        ),
      );
    }
  }
  for (const [name, value] of [
    ['allNodes', allNodes],
    ['perDeviceNodeSelection', perDeviceNodeSelection],
  ] as const) {
    if (value === true) given.push(`\`${name}\``);
    else if (value === false) errors.push(invalidValue(SPEC.child(name), value, 'must be either unset or set to true'));
  }
  if (given.length === 0) errors.push(required(SPEC, ONE_OF));
  else if (given.length > 1)
    errors.push(invalidValue(SPEC, `{${given.join(', ')}}`, `${ONE_OF}, but multiple fields are set`));
}

function validateCounterSet({ name, counters }: CounterSet, path: FieldPath, errors: FieldError[]): void {
  validateCounterName(name, path.child('name'), errors);
  validateCounters(counters, path.child('counters'), errors);
}
