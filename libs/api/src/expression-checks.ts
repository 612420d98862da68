import type { RequestContext } from '@pilothouse/apimachinery';

/**
 * What judges the CEL expressions in an object: whoever has the expression language brings it, since the library of
 * kinds has not. Validation asks where it stands, because errors of all kinds come in the order of the object's fields.
 * Each method answers with what is wrong, or with nothing.
 */
export interface ExpressionChecks {
  /** For the expressions of one policy or webhook. */
  policy(options: PolicyExpressions): PolicyExpressionChecks;
  /** An expression that selects devices. */
  device(expression: string): DeviceExpressionProblem | undefined;
}

export interface PolicyExpressions {
  readonly hasParams: boolean;
  /** Whether there is a `variables` to ask: where a validating policy declares none, there is not. */
  readonly hasVariables: boolean;
  readonly isMutating: boolean;
}

export interface PolicyExpressionChecks {
  /** Declares the variable too, for the expressions after it. */
  variable(name: string, expression: string): string | undefined;
  /** Runs before variables are known. */
  condition(expression: string): string | undefined;
  validation(expression: string): string | undefined;
  /** May not ask the authorizer. */
  message(expression: string): string | undefined;
  annotation(expression: string): string | undefined;
  mutation(patchType: string, expression: string): string | undefined;
}

export type DeviceExpressionProblem = { readonly invalid: string } | { readonly tooComplex: true };

/** The context of a validation. Without `expressions` they are not looked at. */
export interface ValidationContext extends RequestContext {
  readonly expressions?: ExpressionChecks;
}
