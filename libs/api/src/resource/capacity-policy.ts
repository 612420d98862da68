import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  parseQuantity,
  required,
} from '@pilothouse/apimachinery';
import type { CapacityRequestPolicy, CapacityRequestPolicyRange } from '@pilothouse/api';
import { validateSet } from './bounded-list.ts';

const MAX_OPTIONS = 10;

const compare = (a: string, b: string): number => parseQuantity(a).compare(parseQuantity(b));

/** How much of a shared device's capacity may be asked for at a time (KEP-5075). */
export function validateRequestPolicy(
  policy: CapacityRequestPolicy,
  capacity: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { validValues = [], validRange, default: defaultValue } = policy;
  if (validValues.length > 0 && validRange) {
    errors.push(
      forbiddenField(
        path,
        'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
      ),
    );
    return;
  }
  const kind = validValues.length > 0 ? 'validValues' : validRange ? 'validRange' : undefined;
  if (kind === undefined) return;
  if (defaultValue === undefined || defaultValue === null)
    errors.push(required(path.child('default'), `required when ${kind} is defined`));
  else if (validRange) validateRange(validRange, defaultValue, capacity, path.child('validRange'), errors);
  else validateOptions(validValues, defaultValue, capacity, path.child('validValues'), errors);
}

function validateOptions(
  values: readonly string[],
  defaultValue: string,
  capacity: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  values.forEach((value, index) => {
    const before = values[index - 1];
    if (before !== undefined && compare(before, value) > 0) {
      errors.push(invalidValue(path.index(index), value, 'values must be sorted in ascending order'));
    }
  });
  const rule = (value: string, at: FieldPath): void => {
    if (compare(value, capacity) > 0)
      errors.push(invalidValue(at, value, `option is larger than capacity value: ${capacity}`));
  };
  validateSet(values, MAX_OPTIONS, rule, (value) => String(parseQuantity(value).value()), path, errors);
  if (!values.some((value) => compare(value, defaultValue) === 0)) {
    errors.push(invalidValue(path, defaultValue, 'default value is not valid according to the requestPolicy'));
  }
}

function validateRange(
  range: CapacityRequestPolicyRange,
  defaultValue: string,
  capacity: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { min, max, step } = range;
  const complain = (field: string, value: string, detail: string): void =>
    void errors.push(invalidValue(path.child(field), value, detail));
  if (min === undefined) {
    errors.push(required(path.child('min'), 'required when validRange is defined'));
    return;
  }
  if (compare(min, capacity) > 0) complain('min', min, `min is larger than capacity value: ${capacity}`);
  if (compare(defaultValue, min) < 0) complain('min', defaultValue, `default is less than min: ${min}`);
  if (max !== undefined) {
    if (compare(min, max) > 0) complain('max', min, `min is larger than max: ${max}`);
    if (compare(max, capacity) > 0) complain('max', max, `max is larger than capacity value: ${capacity}`);
    if (compare(defaultValue, max) > 0) complain('max', defaultValue, `default is more than max: ${max}`);
  }
  if (step === undefined) return;
  const first = parseQuantity(min).add(parseQuantity(step));
  if (first.compare(parseQuantity(capacity)) > 0)
    complain('step', step, `one step ${first} is larger than capacity value: ${capacity}`);
  const stepValue = parseQuantity(step).value();
  for (const value of [defaultValue, ...(max === undefined ? [] : [max])]) {
    const isStep = stepValue !== 0 && (parseQuantity(value).value() - parseQuantity(min).value()) % stepValue === 0;
    if (!isStep) complain('step', value, `value is not a multiple of a given step (${step}) from (${min})`);
  }
}
