import {
  invalidValue,
  notSupported,
  required,
  schemaFieldPath,
  type FieldError,
  type FieldPath,
  type JsonSchema,
  type ValidationRule,
} from '@pilothouse/apimachinery';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasNewlines = (text: string): boolean => /[\n\r]/.test(text);

/** `x-kubernetes-validations` as far as it can be judged without compiling the expressions. */
export function ruleShapeErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, at) =>
    ruleErrors(rule, schema, path.child('x-kubernetes-validations').index(at)),
  );
}

function ruleErrors(rule: ValidationRule, schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { message = '', messageExpression = '', fieldPath = '', reason } = rule;
  const [expression, text] = [(rule.rule ?? '').trim(), message.trim()];
  if (expression === '') errors.push(required(path.child('rule'), 'rule is not specified'));
  else if (message !== '' && text === '')
    errors.push(invalidValue(path.child('message'), message, 'must be non-empty if specified'));
  else if (hasNewlines(text)) errors.push(invalidValue(path.child('message'), message, 'must not contain line breaks'));
  else if (hasNewlines(expression) && text === '') {
    errors.push(required(path.child('message'), 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(required(path.child('messageExpression'), 'messageExpression must be non-empty if specified'));
  }
  if (reason !== undefined && !REASONS.includes(reason))
    errors.push(notSupported(path.child('reason'), reason, REASONS));
  const at = path.child('fieldPath');
  if (fieldPath !== '' && fieldPath.trim() === '')
    errors.push(invalidValue(at, fieldPath, 'must be non-empty if specified'));
  if (hasNewlines(fieldPath)) errors.push(invalidValue(at, fieldPath, 'must not contain line breaks'));
  if (fieldPath !== '' && 'error' in schemaFieldPath(fieldPath, schema))
    errors.push(invalidValue(at, fieldPath, 'must be a valid path'));
  return errors;
}
