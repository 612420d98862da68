import {
  deepEqual,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Subdomain,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import type { Device, DeviceAttribute } from '@pilothouse/api';
import { validateNodeSelector } from '../core/pod-spec/node-selector.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { validateBindingConditions } from './binding-conditions.ts';
import { validateList, validateSet } from './bounded-list.ts';
import { validateRequestPolicy } from './capacity-policy.ts';
import { validateCounters } from './counters.ts';
import { validateDeviceTaint } from './device-taints.ts';
import { validateAttributeName, validateCounterName, validateLabelLikeName } from './names.ts';

const MAX_ATTRIBUTES = 32;
const MAX_TAINTS = 16;
const MAX_CONSUMPTIONS = 2;
const MAX_VALUE = 64;
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;
const NODES_OF_DEVICE =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
const NODES_OF_SLICE =
  '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

export function validateDevice(
  device: Device,
  old: Device | undefined,
  perDevice: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { attributes = {}, capacity = {}, taints } = device;
  validateLabelLikeName(device.name, path.child('name'), errors);
  const total = Object.keys(attributes).length + Object.keys(capacity).length;
  if (total > MAX_ATTRIBUTES) {
    errors.push(
      invalidValue(path, total, `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES}`),
    );
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    const at = path.child('attributes').key(name);
    validateAttributeName(name, at, errors);
    validateAttribute(attribute, at, errors);
  }
  for (const [name, { value, requestPolicy }] of Object.entries(capacity)) {
    const at = path.child('capacity').key(name);
    validateAttributeName(name, at, errors);
    if (!requestPolicy) continue;
    if (device.allowMultipleAllocations) validateRequestPolicy(requestPolicy, value, at.child('requestPolicy'), errors);
    else errors.push(forbiddenField(at.child('requestPolicy'), 'allowMultipleAllocations must be true'));
  }
  if (!old || !deepEqual(taints, old.taints))
    validateList(taints, MAX_TAINTS, validateDeviceTaint, path.child('taints'), errors);
  validateSet(
    device.consumesCounters,
    MAX_CONSUMPTIONS,
    ({ counterSet, counters }, at) => {
      validateCounterName(counterSet, at.child('counterSet'), errors);
      validateCounters(counters, at.child('counters'), errors);
    },
    ({ counterSet }) => counterSet,
    path.child('consumesCounters'),
    errors,
  );
  validateNodes(device, perDevice, path, errors);
  validateBindingConditions(device, path, errors);
}

/** A value, of one type or as a list of it. */
function validateAttribute(attribute: DeviceAttribute, path: FieldPath, errors: FieldError[]): void {
  const given = Object.values(attribute).filter((value) => value !== undefined);
  const check = (value: string, isVersion: boolean, at: FieldPath): void => {
    if (isVersion && !SEMVER.test(value))
      errors.push(invalidValue(at, value, 'must be a string compatible with semver.org spec 2.0.0'));
    if (value.length > MAX_VALUE) errors.push(tooLong(at, MAX_VALUE));
  };
  if (attribute.string !== undefined) check(attribute.string, false, path.child('string'));
  if (attribute.version !== undefined) check(attribute.version, true, path.child('version'));
  attribute.strings?.forEach((value, index) => check(value, false, path.child('strings').index(index)));
  attribute.versions?.forEach((value, index) => check(value, true, path.child('versions').index(index)));
  if (given.length !== 1)
    errors.push(invalidValue(path, given.length === 0 ? '' : attribute, 'exactly one value must be specified'));
}

function validateNodes(
  { nodeName, nodeSelector, allNodes }: Device,
  perDevice: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!perDevice) {
    const isGiven = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined;
    if (isGiven) errors.push(invalidValue(path, null, NODES_OF_SLICE));
    return;
  }
  const given: string[] = [];
  if (nodeName) {
    given.push('`nodeName`');
    pushInvalid(errors, path.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName));
  } else if (nodeName === '') errors.push(invalidValue(path.child('nodeName'), '', 'must not be empty'));
  if (nodeSelector) {
    given.push('`nodeSelector`');
    validateNodeSelector(nodeSelector, path.child('nodeSelector'), errors);
  }
  if (allNodes) given.push('`allNodes`');
  else if (allNodes === false)
    errors.push(invalidValue(path.child('allNodes'), false, 'must be either unset or set to true'));
  if (given.length === 0) errors.push(required(path, NODES_OF_DEVICE));
  else if (given.length > 1) errors.push(invalidValue(path, `{${given.join(', ')}}`, NODES_OF_DEVICE));
}
