import type { MatchCondition } from '@pilothouse/api';
import { Expressions, type Compiled } from './expressions.ts';
import type { Scope } from './scope.ts';

export type MatchResult = { readonly matches: boolean } | { readonly error: string };

/** All must be true. One that is false outweighs errors of the others; otherwise the errors are the answer. */
export async function evaluateConditions(conditions: readonly Compiled[], scope: Scope): Promise<MatchResult> {
  const errors: string[] = [];
  for (const condition of conditions) {
    const outcome = await scope.evaluate(condition);
    if ('error' in outcome) errors.push(outcome.error);
    else if (outcome.value !== true) return { matches: false };
  }
  if (errors.length === 0) return { matches: true };
  return { error: errors.length === 1 ? errors[0]! : `[${[...new Set(errors)].join(', ')}]` };
}

const compiled = new WeakMap<readonly MatchCondition[], readonly Compiled[]>();

/** The conditions of a webhook, compiled once per version of its configuration. */
export function compileConditions(conditions: readonly MatchCondition[]): readonly Compiled[] {
  let known = compiled.get(conditions);
  if (known === undefined) {
    const expressions = new Expressions();
    known = conditions.map(({ expression }) => expressions.compileCondition(expression.trim()));
    compiled.set(conditions, known);
  }
  return known;
}
