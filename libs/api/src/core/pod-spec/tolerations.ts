import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isLabelValue,
  namedString,
  notSupported,
  required,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { Toleration } from '@pilothouse/api';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const OPERATORS = ['Equal', 'Exists'];
/** Numeric comparison (KEP-5471) is alpha in 1.36 and off, but the refusal names it. */
const OPERATORS_KNOWN = ['Equal', 'Exists', 'Lt', 'Gt'];

export function validateTolerations(tolerations: readonly Toleration[], path: FieldPath, errors: FieldError[]): void {
  tolerations.forEach((toleration, index) => {
    const at = path.index(index);
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    if (key) errors.push(...validateLabelName(key, at.child('key')));
    else if (operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalidValue(at.child('operator'), namedString(operator), detail));
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalidValue(at.child('effect'), namedString(effect), detail));
    }
    validateOperator(operator, value, at.child('operator'), errors);
    if (effect) validateTaintEffect(effect, at.child('effect'), errors);
  });
}

/** No operator means Equal. */
function validateOperator(operator: string, value: string, path: FieldPath, errors: FieldError[]): void {
  if (operator === '' || operator === 'Equal') {
    const messages = isLabelValue(value);
    if (messages.length > 0) errors.push(invalidValue(path, value, messages.join(';')));
  } else if (operator === 'Exists') {
    if (value) errors.push(invalidValue(path, value, "value must be empty when `operator` is 'Exists'"));
  } else errors.push(notSupported(path, operator, OPERATORS_KNOWN.includes(operator) ? OPERATORS_KNOWN : OPERATORS));
}

export function validateTaintEffect(effect: string, path: FieldPath, errors: FieldError[]): void {
  if (!effect) errors.push(required(path));
  else if (!EFFECTS.includes(effect)) errors.push(notSupported(path, effect, EFFECTS));
}
