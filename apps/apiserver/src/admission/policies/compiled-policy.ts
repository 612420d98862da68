import type { ValidatingAdmissionPolicy } from '@pilothouse/api';
import { Expressions, type Compiled } from './expressions.ts';

export interface CompiledValidation {
  readonly expression: Compiled;
  readonly message: string | undefined;
  readonly reason: string | undefined;
  readonly messageExpression: Compiled | undefined;
}

export interface CompiledPolicy {
  readonly expressions: Expressions;
  readonly conditions: readonly Compiled[];
  readonly validations: readonly CompiledValidation[];
  readonly auditAnnotations: readonly { readonly key: string; readonly value: Compiled }[];
}

const known = new WeakMap<ValidatingAdmissionPolicy, CompiledPolicy>();

/** A policy's expressions, compiled once per version of the policy. */
export function compilePolicy(policy: ValidatingAdmissionPolicy): CompiledPolicy {
  let compiled = known.get(policy);
  if (compiled === undefined) known.set(policy, (compiled = compileAnew(policy)));
  return compiled;
}

function compileAnew({ spec }: ValidatingAdmissionPolicy): CompiledPolicy {
  const expressions = new Expressions({
    hasParams: spec.paramKind !== undefined,
    ...(spec.variables ? { variables: spec.variables } : {}),
  });
  return {
    expressions,
    conditions: (spec.matchConditions ?? []).map(({ expression }) => expressions.compileCondition(expression.trim())),
    validations: (spec.validations ?? []).map(({ expression, message, reason, messageExpression }) => ({
      expression: expressions.compile(expression),
      message,
      reason,
      messageExpression: messageExpression ? expressions.compileMessage(messageExpression) : undefined,
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: expressions.compile(valueExpression.trim()),
    })),
  };
}
