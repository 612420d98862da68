import { type FieldError, type FieldPath, invalidValue, notSupported, required } from '@pilothouse/apimachinery';
import type { MutatingAdmissionPolicySpec, ValidatingAdmissionPolicySpec, Variable } from '@pilothouse/api';
import { validateMatchConditions } from './match-conditions.ts';
import { defaultMatchResources, validateMatchConstraints } from './match-resources.ts';
import { validateParamKind } from './param-kind.ts';
import { FAILURE_POLICIES } from './webhook.ts';

type PolicySpec = Pick<
  ValidatingAdmissionPolicySpec & MutatingAdmissionPolicySpec,
  'failurePolicy' | 'paramKind' | 'matchConstraints' | 'matchConditions' | 'variables'
>;

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** What validating and mutating policies have in common. */
export function defaultPolicySpec(spec: PolicySpec | undefined): void {
  if (!spec) return;
  spec.failurePolicy ??= 'Fail';
  defaultMatchResources(spec.matchConstraints);
}

export function validatePolicySpec(spec: PolicySpec, path: FieldPath, errors: FieldError[]): void {
  const { failurePolicy, paramKind, matchConstraints, matchConditions, variables = [] } = spec;
  if (failurePolicy === undefined) errors.push(required(path.child('failurePolicy')));
  else if (!FAILURE_POLICIES.includes(failurePolicy))
    errors.push(notSupported(path.child('failurePolicy'), failurePolicy, FAILURE_POLICIES));
  if (paramKind) validateParamKind(paramKind, path.child('paramKind'), errors);
  validateMatchConstraints(matchConstraints, path.child('matchConstraints'), errors);
  validateMatchConditions(matchConditions, path.child('matchConditions'), errors);
  variables.forEach((variable, index) => validateVariable(variable, path.child('variables').index(index), errors));
}

function validateVariable(
  { name = '', expression = '' }: Partial<Variable>,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!name.trim()) errors.push(required(path.child('name'), 'name is not specified'));
  else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || RESERVED.has(name)) {
    errors.push(invalidValue(path.child('name'), name, 'name is not a valid CEL identifier'));
  }
  if (!expression.trim()) errors.push(required(path.child('expression'), 'expression is not specified'));
}
