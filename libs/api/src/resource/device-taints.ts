import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isLabelValue,
  notSupported,
  required,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { DeviceTaint, DeviceToleration } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];
const OPERATORS = ['Equal', 'Exists'];

/** `oldEffect`: an effect that a later release knows may stay. */
export function validateDeviceTaint(
  { key, value, effect }: DeviceTaint,
  path: FieldPath,
  errors: FieldError[],
  oldEffect?: string,
): void {
  errors.push(...validateLabelName(key, path.child('key')));
  if (value) pushInvalid(errors, path.child('value'), value, isLabelValue(value));
  if (oldEffect !== undefined && oldEffect === effect) return;
  if (!effect) errors.push(required(path.child('effect')));
  else if (!EFFECTS.includes(effect)) errors.push(notSupported(path.child('effect'), effect, EFFECTS));
}

export function validateDeviceToleration(
  { key, operator, value = '', effect }: DeviceToleration,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (key) errors.push(...validateLabelName(key, path.child('key')));
  if (operator === 'Exists') {
    if (value) errors.push(invalidValue(path.child('value'), value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') pushInvalid(errors, path.child('value'), value, isLabelValue(value));
  else if (!operator) errors.push(required(path.child('operator')));
  else errors.push(notSupported(path.child('operator'), operator, OPERATORS));
  if (effect && !EFFECTS.includes(effect)) errors.push(notSupported(path.child('effect'), effect, EFFECTS));
}
