import { type FieldError, type FieldPath, invalidValue, required, tooLong } from '@pilothouse/apimachinery';
import type { DeviceConfiguration, DeviceSelector } from '@pilothouse/api';
import { validateList } from './bounded-list.ts';
import { validateDriverName } from './names.ts';

export const MAX_CONFIGS = 32;
const MAX_SELECTORS = 32;
const MAX_EXPRESSION = 10 * 1024;
export const MAX_PARAMETERS = 10 * 1024;

/** CEL expressions that a device must satisfy. Their text is compiled where they are evaluated. */
export function validateSelectors(
  selectors: readonly DeviceSelector[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateList(selectors, MAX_SELECTORS, validateSelector, path, errors);
}

function validateSelector({ cel }: DeviceSelector, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('cel');
  if (!cel) errors.push(required(at));
  else if ((cel.expression ?? '').length > MAX_EXPRESSION) errors.push(tooLong(at.child('expression'), MAX_EXPRESSION));
}

export function validateDeviceConfig(
  { opaque }: DeviceConfiguration,
  path: FieldPath,
  errors: FieldError[],
  isStored = false,
): void {
  const at = path.child('opaque');
  if (!opaque) {
    errors.push(required(at));
    return;
  }
  validateDriverName(opaque.driver, at.child('driver'), errors);
  validateRawObject(opaque.parameters, at.child('parameters'), MAX_PARAMETERS, errors, isStored);
}

/** JSON that only a driver understands. What is stored already may be longer than what is new. */
export function validateRawObject(
  value: unknown,
  path: FieldPath,
  maxBytes: number,
  errors: FieldError[],
  isStored = false,
): void {
  if (value === undefined || value === null) errors.push(required(path));
  else if (!isStored && Buffer.byteLength(JSON.stringify(value)) > maxBytes) errors.push(tooLong(path, maxBytes));
  else if (typeof value !== 'object' || Array.isArray(value))
    errors.push(invalidValue(path, '<value omitted>', 'must be a valid JSON object'));
}
