import {
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from '@pilothouse/api';
import { validateNodeSelector } from '../core/pod-spec/node-selector.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { validateList, validateSet } from './bounded-list.ts';
import { validateBindingConditions } from './binding-conditions.ts';
import { MAX_CONFIGS, MAX_PARAMETERS, validateDeviceConfig, validateRawObject } from './device-config.ts';
import { interfaceAddressProblems } from './interface-address.ts';
import { validateDriverName, validateLabelLikeName, validatePoolName } from './names.ts';
import { RequestNames } from './request-names.ts';
import { uuidProblem } from './uuid-problem.ts';

const STATUS = fieldPath('status');
const MAX_CONSUMERS = 256;
const MAX_RESULTS = 32;
const MAX_CONDITIONS = 8;
const MAX_INTERFACE_NAME = 256;
const MAX_HARDWARE_ADDRESS = 128;
const MAX_IPS = 16;
const SOURCES = ['FromClaim', 'FromClass'];

interface DeviceId {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
}

const idOf = ({ driver, pool, device, shareID }: DeviceId): string =>
  `${driver}/${pool}/${device}${shareID === undefined ? '' : `/${shareID}`}`;

/** An allocation is made once; who uses it, and how its devices fare, changes. */
export function validateClaimStatus(
  { metadata, spec, status = {} }: ResourceClaim,
  { status: old = {} }: ResourceClaim,
): FieldError[] {
  const errors: FieldError[] = [];
  const { reservedFor = [], allocation, devices } = status;
  const at = STATUS.child('reservedFor');
  validateSet(reservedFor, MAX_CONSUMERS, validateConsumer, ({ uid }) => uid, at, errors);
  const allocated = new Set((allocation?.devices?.results ?? []).map(idOf));
  validateSet(
    devices,
    Infinity,
    (each, path) => validateDeviceStatus(each, allocated, path, errors),
    idOf,
    STATUS.child('devices'),
    errors,
  );
  if (reservedFor.length > 0 && !allocation)
    errors.push(forbiddenField(at, 'may not be specified when `allocated` is not set'));
  else if (metadata.deletionTimestamp) {
    const known = new Set((old.reservedFor ?? []).map(({ uid }) => uid));
    if (reservedFor.some(({ uid }) => !known.has(uid))) {
      errors.push(
        forbiddenField(at, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'),
      );
    }
  }
  if (allocation && old.allocation)
    errors.push(...validateImmutableField(allocation, old.allocation, STATUS.child('allocation')));
  else if (allocation)
    validateAllocation(allocation, new RequestNames(spec.devices), STATUS.child('allocation'), errors);
  return errors;
}

function validateConsumer(
  { resource, name, uid }: ResourceClaimConsumerReference,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!resource) errors.push(required(path.child('resource')));
  if (!name) errors.push(required(path.child('name')));
  if (!uid) errors.push(required(path.child('uid')));
}

function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  names: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('devices');
  validateList(
    devices?.results,
    MAX_RESULTS,
    (each, here) => validateResult(each, names, here, errors),
    at.child('results'),
    errors,
  );
  // What the class says and what the claim says.
  validateList(
    devices?.config,
    2 * MAX_CONFIGS,
    (each, here) => validateAllocationConfig(each, names, here, errors),
    at.child('config'),
    errors,
  );
  if (nodeSelector) validateNodeSelector(nodeSelector, path.child('nodeSelector'), errors);
}

function validateResult(
  result: DeviceRequestAllocationResult,
  names: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  names.validate(result.request, path.child('request'), errors);
  validateDeviceId(result, path, errors);
  validateBindingConditions(result, path, errors);
}

function validateDeviceId({ driver, pool, device, shareID }: DeviceId, path: FieldPath, errors: FieldError[]): void {
  validateDriverName(driver, path.child('driver'), errors);
  validatePoolName(pool, path.child('pool'), errors);
  validateLabelLikeName(device, path.child('device'), errors);
  const problem = shareID === undefined ? undefined : uuidProblem(shareID);
  if (problem !== undefined) errors.push(invalidValue(path.child('shareID'), shareID, problem));
}

function validateAllocationConfig(
  config: DeviceAllocationConfiguration,
  names: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { source, requests } = config;
  if (!source) errors.push(required(path.child('source')));
  else if (!SOURCES.includes(source)) errors.push(notSupported(path.child('source'), source, SOURCES));
  names.validateAll(requests, path.child('requests'), errors);
  validateDeviceConfig(config, path, errors);
}

function validateDeviceStatus(
  each: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  const conditions = each.conditions ?? [];
  validateDeviceId(each, path, errors);
  if (!allocated.has(idOf(each)))
    errors.push(invalidValue(path, idOf(each), 'must be an allocated device in the claim'));
  if (conditions.length > MAX_CONDITIONS)
    errors.push(tooMany(path.child('conditions'), conditions.length, MAX_CONDITIONS));
  validateConditions(conditions, path.child('conditions'), errors);
  if (each.data !== undefined && each.data !== null)
    validateRawObject(each.data, path.child('data'), MAX_PARAMETERS, errors);
  if (each.networkData) validateNetworkData(each.networkData, path.child('networkData'), errors);
}

function validateNetworkData(
  { interfaceName = '', hardwareAddress = '', ips }: NetworkDeviceData,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (interfaceName.length > MAX_INTERFACE_NAME) errors.push(tooLong(path.child('interfaceName'), MAX_INTERFACE_NAME));
  if (hardwareAddress.length > MAX_HARDWARE_ADDRESS)
    errors.push(tooLong(path.child('hardwareAddress'), MAX_HARDWARE_ADDRESS));
  const rule = (text: string, at: FieldPath): void => pushInvalid(errors, at, text, interfaceAddressProblems(text));
  validateSet(ips, MAX_IPS, rule, (text) => text, path.child('ips'), errors);
}
