import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  notSupported,
  regexError,
  required,
  tooLong,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { Condition } from '@pilothouse/api';

const STATUSES = ['False', 'True', 'Unknown'];
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON_MESSAGE =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const reasonPattern = new RegExp(`^${REASON}$`);
const MAX_REASON = 1024;
const MAX_MESSAGE = 32 * 1024;

/** The rules for `[]metav1.Condition`, one of each type. Upstream: metav1/validation.ValidateConditions. */
export function validateConditions(
  conditions: readonly Condition[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const types = new Set<string>();
  conditions?.forEach((condition, index) => {
    const at = path.index(index);
    if (types.has(condition.type)) errors.push(duplicate(at.child('type'), condition.type));
    types.add(condition.type);
    validateCondition(condition, at, errors);
  });
}

function validateCondition(condition: Condition, path: FieldPath, errors: FieldError[]): void {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition;
  errors.push(...validateLabelName(type, path.child('type')));
  if (!STATUSES.includes(status)) errors.push(notSupported(path.child('status'), status, STATUSES));
  if (observedGeneration < 0) {
    errors.push(
      invalidValue(path.child('observedGeneration'), observedGeneration, 'must be greater than or equal to zero'),
    );
  }
  if (!lastTransitionTime) errors.push(required(path.child('lastTransitionTime'), 'must be set'));
  if (reason === '') errors.push(required(path.child('reason'), 'must be set'));
  else {
    if (!reasonPattern.test(reason)) {
      const problem = regexError(
        REASON_MESSAGE,
        REASON,
        'my_name',
        'MY_NAME',
        'MyName',
        'ReasonA,ReasonB',
        'ReasonA:ReasonB',
      );
      errors.push(invalidValue(path.child('reason'), reason, problem));
    }
    if (reason.length > MAX_REASON) errors.push(tooLong(path.child('reason'), MAX_REASON));
  }
  if (message.length > MAX_MESSAGE) errors.push(tooLong(path.child('message'), MAX_MESSAGE));
}
