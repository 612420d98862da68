import {
  deepEqual,
  type FieldError,
  type FieldPath,
  invalidValue,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type {
  MutatingAdmissionPolicySpec,
  PolicyExpressionChecks,
  ValidatingAdmissionPolicySpec,
  Variable,
} from '@pilothouse/api';
import { validateMatchConditions } from './match-conditions.ts';
import { defaultMatchResources, validateMatchConstraints, validateOperations } from './match-resources.ts';
import { validateParamKind } from './param-kind.ts';
import { FAILURE_POLICIES } from './webhook.ts';

export type PolicySpec = Pick<
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

interface PolicySpecOptions {
  /** Before the update. */
  readonly old?: PolicySpec | undefined;
  readonly checks?: PolicyExpressionChecks | undefined;
  readonly operations?: readonly string[];
}

/** `operations`: the only ones that the policy may be about. */
export function validatePolicySpec(
  spec: PolicySpec,
  path: FieldPath,
  errors: FieldError[],
  { old, checks, operations }: PolicySpecOptions = {},
): void {
  const { failurePolicy, paramKind, matchConstraints, matchConditions, variables = [] } = spec;
  if (failurePolicy === undefined) errors.push(required(path.child('failurePolicy')));
  else if (!FAILURE_POLICIES.includes(failurePolicy))
    errors.push(notSupported(path.child('failurePolicy'), failurePolicy, FAILURE_POLICIES));
  if (paramKind) validateParamKind(paramKind, path.child('paramKind'), errors);
  validateMatchConstraints(matchConstraints, path.child('matchConstraints'), errors);
  if (operations) validateOperations(matchConstraints, operations, path.child('matchConstraints'), errors);
  const isUnchanged =
    old !== undefined && deepEqual(paramKind, old.paramKind) && deepEqual(matchConditions, old.matchConditions);
  if (!isUnchanged) validateMatchConditions(matchConditions, path.child('matchConditions'), errors, checks);
  variables.forEach((variable, index) =>
    validateVariable(variable, path.child('variables').index(index), errors, checks),
  );
}

function validateVariable(
  { name = '', expression = '' }: Partial<Variable>,
  path: FieldPath,
  errors: FieldError[],
  checks: PolicyExpressionChecks | undefined,
): void {
  if (!name.trim()) errors.push(required(path.child('name'), 'name is not specified'));
  else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || RESERVED.has(name)) {
    errors.push(invalidValue(path.child('name'), name, 'name is not a valid CEL identifier'));
  }
  const at = path.child('expression');
  if (!expression.trim()) errors.push(required(at, 'expression is not specified'));
  else pushProblem(errors, at, expression, checks?.variable(name, expression));
}

/** What is wrong with an expression, if anything is. */
export function pushProblem(
  errors: FieldError[],
  path: FieldPath,
  expression: string,
  problem: string | undefined,
): void {
  if (problem !== undefined) errors.push(invalidValue(path, expression, problem));
}
