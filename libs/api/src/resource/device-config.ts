import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import type { DeviceConfiguration, DeviceSelector, ExpressionChecks } from '@pilothouse/api';
import { validateList } from './bounded-list.ts';
import { validateDriverName } from './names.ts';

export const MAX_CONFIGS = 32;
const MAX_SELECTORS = 32;
const MAX_EXPRESSION = 10 * 1024;
export const MAX_PARAMETERS = 10 * 1024;

/** CEL expressions that a device must satisfy. */
export function validateSelectors(
  selectors: readonly DeviceSelector[] | undefined,
  path: FieldPath,
  errors: FieldError[],
  expressions: ExpressionChecks | undefined,
): void {
  const rule = ({ cel }: DeviceSelector, at: FieldPath): void => {
    if (cel) validateExpression(cel.expression ?? '', at.child('cel', 'expression'), errors, expressions);
    else errors.push(required(at.child('cel')));
  };
  validateList(selectors, MAX_SELECTORS, rule, path, errors);
}

function validateExpression(
  expression: string,
  path: FieldPath,
  errors: FieldError[],
  expressions: ExpressionChecks | undefined,
): void {
  if (Buffer.byteLength(expression) > MAX_EXPRESSION) {
    errors.push(tooLong(path, MAX_EXPRESSION));
    return;
  }
  const problem = expressions?.device(expression);
  if (problem === undefined) return;
  errors.push(
    'invalid' in problem
      ? invalidValue(path, expression, problem.invalid)
      : forbiddenField(path, 'too complex, exceeds cost limit'),
  );
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
