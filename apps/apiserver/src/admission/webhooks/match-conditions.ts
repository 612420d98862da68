import type { MatchCondition } from '@pilothouse/api';
import type { AdmissionAttributes } from '../attributes.ts';
import type { Invocation } from './invocation.ts';

export type MatchResult = { readonly matches: boolean } | { readonly error: string };

/** Expressions that must all be true for a webhook or a policy to be asked. One that is false outweighs errors. */
export interface MatchConditions {
  evaluate(conditions: readonly MatchCondition[], attributes: AdmissionAttributes, invocation: Invocation): Promise<MatchResult>;
}
