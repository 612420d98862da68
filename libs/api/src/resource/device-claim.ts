import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1123Subdomain,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
  ExpressionChecks,
} from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { validateList, validateSet } from './bounded-list.ts';
import { MAX_CONFIGS, validateDeviceConfig, validateSelectors } from './device-config.ts';
import { validateDeviceToleration } from './device-taints.ts';
import { validateFullAttributeName, validateLabelLikeName } from './names.ts';
import { RequestNames } from './request-names.ts';

export const MAX_REQUESTS = 32;
const MAX_CONSTRAINTS = 32;
const MAX_ALTERNATIVES = 8;
const ALLOCATION_MODES = ['All', 'ExactCount'];
const ONE_OF = 'exactly one of `exactly` or `firstAvailable` is required';

/** One device of a class, unless more are asked for. */
export function defaultDeviceClaim(claim: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable } of claim?.requests ?? []) {
    if (exactly) defaultAllocation(exactly);
    firstAvailable?.forEach(defaultAllocation);
  }
}

export function defaultAllocation(request: { allocationMode?: string; count?: number }): void {
  request.allocationMode ||= 'ExactCount';
  if (request.allocationMode === 'ExactCount') request.count ||= 1;
}

export function validateDeviceClaim(
  claim: DeviceClaim,
  path: FieldPath,
  errors: FieldError[],
  expressions?: ExpressionChecks,
): void {
  const names = new RequestNames(claim);
  const rule = (request: DeviceRequest, at: FieldPath): void => validateRequest(request, at, errors, expressions);
  validateSet(claim.requests, MAX_REQUESTS, rule, ({ name }) => name, path.child('requests'), errors);
  const constrain = (constraint: DeviceConstraint, at: FieldPath): void =>
    validateConstraint(constraint, names, at, errors);
  validateList(claim.constraints, MAX_CONSTRAINTS, constrain, path.child('constraints'), errors);
  validateList(
    claim.config,
    MAX_CONFIGS,
    (config, at) => {
      names.validateAll(config.requests, at.child('requests'), errors);
      validateDeviceConfig(config, at, errors);
    },
    path.child('config'),
    errors,
  );
}

function validateRequest(
  { name, exactly, firstAvailable = [] }: DeviceRequest,
  path: FieldPath,
  errors: FieldError[],
  expressions: ExpressionChecks | undefined,
): void {
  validateLabelLikeName(name, path.child('name'), errors);
  if (!exactly && firstAvailable.length === 0) errors.push(required(path, ONE_OF));
  else if (exactly && firstAvailable.length > 0)
    errors.push(invalidValue(path, null, `${ONE_OF}, but multiple fields are set`));
  else if (exactly) validateExact(exactly, path.child('exactly'), errors, expressions);
  else
    validateSet(
      firstAvailable,
      MAX_ALTERNATIVES,
      (each, at) => validateAlternative(each, at, errors, expressions),
      (each) => each.name,
      path.child('firstAvailable'),
      errors,
    );
}

function validateAlternative(
  request: DeviceSubRequest,
  path: FieldPath,
  errors: FieldError[],
  expressions: ExpressionChecks | undefined,
): void {
  validateLabelLikeName(request.name, path.child('name'), errors);
  validateExact(request, path, errors, expressions);
}

function validateExact(
  request: Omit<ExactDeviceRequest, 'adminAccess'>,
  path: FieldPath,
  errors: FieldError[],
  expressions: ExpressionChecks | undefined,
): void {
  const { deviceClassName, selectors, allocationMode = '', count = 0, tolerations } = request;
  const at = path.child('deviceClassName');
  if (!deviceClassName) errors.push(required(at));
  else pushInvalid(errors, at, deviceClassName, isDNS1123Subdomain(deviceClassName));
  validateSelectors(selectors, path.child('selectors'), errors, expressions);
  if (allocationMode === 'All') {
    if (count !== 0)
      errors.push(invalidValue(path.child('count'), count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(invalidValue(path.child('count'), count, 'must be greater than zero'));
  } else errors.push(notSupported(path.child('allocationMode'), allocationMode, ALLOCATION_MODES));
  tolerations?.forEach((toleration, index) =>
    validateDeviceToleration(toleration, path.child('tolerations').index(index), errors),
  );
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  names: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  names.validateAll(requests, path.child('requests'), errors);
  if (matchAttribute !== undefined) validateFullAttributeName(matchAttribute, path.child('matchAttribute'), errors);
  else if (distinctAttribute !== undefined)
    validateFullAttributeName(distinctAttribute, path.child('distinctAttribute'), errors);
  else {
    const detail = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
    errors.push(required(path, detail));
  }
}
