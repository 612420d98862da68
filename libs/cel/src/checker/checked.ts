import type { Overload } from '../library/overload.ts';
import type { Expression } from '../syntax/expression.ts';
import type { Type } from '../types/type.ts';

/** What checking finds out about each node of an expression. */
export interface Checked {
  readonly root: Expression;
  readonly types: ReadonlyMap<Expression, Type>;
  readonly calls: ReadonlyMap<Expression, ResolvedCall>;
  /** Of identifiers, the slot that the variable is in; of macros, those of the variables they bind. */
  readonly slots: ReadonlyMap<Expression, readonly number[]>;
  /** Selections and identifiers that name a type. */
  readonly typeNames: ReadonlyMap<Expression, string>;
  readonly slotCount: number;
  /** Which of the environment's variables are used. */
  readonly references: ReadonlySet<string>;
}

export interface ResolvedCall {
  /** With the target first. */
  readonly args: readonly Expression[];
  readonly candidates: readonly Overload[];
  /** One candidate, and the arguments are known to be of its types. */
  readonly isExact: boolean;
}
