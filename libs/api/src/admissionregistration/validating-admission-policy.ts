import {
  duplicate,
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type {
  AuditAnnotation,
  PolicyExpressionChecks,
  ValidatingAdmissionPolicy,
  Validation,
  ValidationContext,
} from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { paramKindCell } from './param-kind.ts';
import { defaultPolicySpec, pushProblem, validatePolicySpec } from './policy-spec.ts';

const SPEC = fieldPath('spec');
const STATUS = fieldPath('status');
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const MAX_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION_BYTES = 5 * 1024;
const AT_LEAST_ONE = 'validations or auditAnnotations must contain at least one item';

export const validatingAdmissionPolicy: KindBehaviour<ValidatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicy',
  defaults: ({ spec }) => defaultPolicySpec(spec),
  columns: [
    nameColumn,
    column<ValidatingAdmissionPolicy>('Validations', ({ spec }) => spec.validations?.length ?? 0, { type: 'integer' }),
    column<ValidatingAdmissionPolicy>('ParamKind', ({ spec }) => paramKindCell(spec.paramKind)),
    ageColumn,
  ],
  strategy: {
    validate: (policy: ValidatingAdmissionPolicy, context: ValidationContext) => validatePolicy(policy, context),
    validateUpdate: (policy: ValidatingAdmissionPolicy, old: ValidatingAdmissionPolicy, context: ValidationContext) =>
      validatePolicy(policy, context, old),
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
  subresources: { status: { strategy: { validateUpdate: validateStatus } } },
};

function validatePolicy(
  { metadata, spec }: ValidatingAdmissionPolicy,
  { expressions }: ValidationContext,
  old?: ValidatingAdmissionPolicy,
): FieldError[] {
  const errors: FieldError[] = [];
  const { validations = [], auditAnnotations = [], variables = [] } = spec;
  const checks = expressions?.policy({
    hasParams: spec.paramKind !== undefined,
    hasVariables: variables.length > 0,
    isMutating: false,
  });
  validatePolicySpec(spec, SPEC, errors, { old: old?.spec, checks });
  if (validations.length === 0 && auditAnnotations.length === 0) {
    errors.push(
      required(SPEC.child('validations'), AT_LEAST_ONE),
      required(SPEC.child('auditAnnotations'), AT_LEAST_ONE),
    );
    return errors;
  }
  validations.forEach((validation, index) =>
    validateValidation(validation, SPEC.child('validations').index(index), errors, checks),
  );
  const at = SPEC.child('auditAnnotations');
  if (auditAnnotations.length > MAX_ANNOTATIONS) {
    errors.push(invalidValue(at, auditAnnotations, `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`));
  }
  auditAnnotations.forEach((annotation, index) => {
    validateAnnotation(annotation, metadata.name ?? '', at.index(index), errors, checks);
    if (auditAnnotations.findIndex(({ key }) => key === annotation.key) < index)
      errors.push(duplicate(at.index(index).child('key'), annotation.key));
  });
  return errors;
}

function validateValidation(
  { expression = '', message = '', messageExpression = '', reason }: Validation,
  path: FieldPath,
  errors: FieldError[],
  checks: PolicyExpressionChecks | undefined,
): void {
  const [at, messageAt] = [path.child('expression'), path.child('messageExpression')];
  if (!expression.trim()) errors.push(required(at, 'expression is not specified'));
  else pushProblem(errors, at, expression, checks?.validation(expression));
  if (messageExpression.trim()) pushProblem(errors, messageAt, messageExpression, checks?.message(messageExpression));
  else if (messageExpression) errors.push(invalidValue(messageAt, messageExpression, 'must be non-empty if specified'));
  if (message && !message.trim())
    errors.push(invalidValue(path.child('message'), message, 'message must be non-empty if specified'));
  else if (/[\n\r]/.test(message.trim()))
    errors.push(invalidValue(path.child('message'), message, 'message must not contain line breaks'));
  if (reason !== undefined && !REASONS.includes(reason))
    errors.push(notSupported(path.child('reason'), reason, REASONS));
}

/** Annotations of an audit event are named `<policy>/<key>`. */
function validateAnnotation(
  { key, valueExpression = '' }: AuditAnnotation,
  policyName: string,
  path: FieldPath,
  errors: FieldError[],
  checks: PolicyExpressionChecks | undefined,
): void {
  const name = `${policyName}/${key}`;
  if (policyName) pushInvalid(errors, path.child('key'), name, isQualifiedName(name));
  else errors.push(invalidValue(path.child('key'), key, 'requires metadata.name be non-empty'));
  const text = valueExpression.trim();
  const at = path.child('valueExpression');
  if (!text) errors.push(required(at, 'valueExpression is not specified'));
  else if (Buffer.byteLength(text) > MAX_VALUE_EXPRESSION_BYTES)
    errors.push(required(at, `must not exceed ${MAX_VALUE_EXPRESSION_BYTES} bytes in length`));
  else pushProblem(errors, at, valueExpression, checks?.annotation(text));
}

function validateStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = [];
  status?.typeChecking?.expressionWarnings?.forEach(({ warning, fieldRef }, index) => {
    const at = STATUS.child('typeChecking', 'expressionWarnings').index(index);
    if (!warning) errors.push(required(at.child('warning')));
    if (!fieldRef?.trim()) errors.push(required(at.child('fieldRef')));
  });
  validateConditions(status?.conditions, STATUS.child('conditions'), errors);
  return errors;
}
