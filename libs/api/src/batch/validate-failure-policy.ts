import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  notSupported,
  OMIT_VALUE,
  required,
  tooMany,
} from '@pilothouse/apimachinery';
import type { JobSpec, PodFailurePolicyRule } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_CONDITIONS = 20;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];

/** As Go prints a list of strings. */
const validValues = (values: readonly string[]): string =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy */
export function validateFailurePolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length > MAX_RULES) errors.push(tooMany(path.child('rules'), rules.length, MAX_RULES));
  const { containers, initContainers } = spec.template.spec ?? {};
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  rules.forEach((rule, at) => errors.push(...validateRule(rule, spec, names, path.child('rules').index(at))));
  return errors;
}

function validateRule(
  { action, onExitCodes, onPodConditions }: PodFailurePolicyRule,
  spec: JobSpec,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const field = path.child('action');
  if (!action) errors.push(required(field, validValues(ACTIONS)));
  else if (!ACTIONS.includes(action)) errors.push(notSupported(field, action, ACTIONS));
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(invalidValue(field, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, names, path.child('onExitCodes')));
  if (onPodConditions?.length) errors.push(...validateConditions(onPodConditions, path.child('onPodConditions')));
  if (onExitCodes && onPodConditions?.length)
    errors.push(invalidValue(path, OMIT_VALUE, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && !onPodConditions?.length)
    errors.push(invalidValue(path, OMIT_VALUE, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

function validateConditions(
  patterns: NonNullable<PodFailurePolicyRule['onPodConditions']>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (patterns.length > MAX_CONDITIONS) errors.push(tooMany(path, patterns.length, MAX_CONDITIONS));
  patterns.forEach(({ type, status }, at) => {
    const field = path.index(at).child('status');
    pushInvalid(errors, path.index(at).child('type'), type, isQualifiedName(type));
    if (!status) errors.push(required(field, validValues(STATUSES)));
    else if (!STATUSES.includes(status)) errors.push(notSupported(field, status, STATUSES));
  });
  return errors;
}

function validateExitCodes(
  { operator, containerName, values }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!operator) errors.push(required(path.child('operator'), validValues(OPERATORS)));
  else if (!OPERATORS.includes(operator)) errors.push(notSupported(path.child('operator'), operator, OPERATORS));
  if (containerName !== undefined && !names.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalidValue(path.child('containerName'), containerName, why));
  }
  const field = path.child('values');
  if (!values?.length) return [...errors, invalidValue(field, values, 'at least one value is required')];
  if (values.length > MAX_EXIT_CODES) errors.push(tooMany(field, values.length, MAX_EXIT_CODES));
  values.forEach((value, at) => {
    if (operator === 'In' && value === 0)
      errors.push(invalidValue(field.index(at), value, 'must not be 0 for the In operator'));
    if (values.indexOf(value) < at) errors.push(duplicate(field.index(at), value));
  });
  if (values.some((value, at) => at > 0 && values[at - 1]! > value)) {
    errors.push(invalidValue(field, values, 'must be ordered'));
  }
  return errors;
}
