import type { Value } from '../runtime/value.ts';

/** One node of a parsed expression. `at` is its offset in the source, for messages. */
export type Expression =
  | ConstantExpression
  | IdentifierExpression
  | SelectExpression
  | CallExpression
  | ListExpression
  | MapExpression
  | MacroExpression
  | BindExpression;

export interface ConstantExpression {
  readonly kind: 'constant';
  readonly at: number;
  readonly value: Value;
}

export interface IdentifierExpression {
  readonly kind: 'identifier';
  readonly at: number;
  readonly name: string;
}

/** `a.b`, `has(a.b)` (`test`), `a.?b` (`optional`). */
export interface SelectExpression {
  readonly kind: 'select';
  readonly at: number;
  readonly operand: Expression;
  readonly field: string;
  readonly test: boolean;
  readonly optional: boolean;
}

/** Operators are calls too, named as in CEL's own definition: `_+_`, `!_`, `_[_]`, `_?_:_`. */
export interface CallExpression {
  readonly kind: 'call';
  readonly at: number;
  readonly name: string;
  readonly target?: Expression;
  readonly args: readonly Expression[];
}

export interface ListExpression {
  readonly kind: 'list';
  readonly at: number;
  readonly elements: readonly { readonly value: Expression; readonly optional: boolean }[];
}

export interface MapExpression {
  readonly kind: 'map';
  readonly at: number;
  readonly entries: readonly { readonly key: Expression; readonly value: Expression; readonly optional: boolean }[];
}

export type MacroName =
  | 'all'
  | 'exists'
  | 'existsOne'
  | 'filter'
  | 'map'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'sortBy';

/**
 * A comprehension: `range.all(variable, body)`. Kept as what it is rather than expanded into a fold. `condition` is the
 * filter of the three-argument forms; `second` the second variable of the two-variable ones.
 */
export interface MacroExpression {
  readonly kind: 'macro';
  readonly at: number;
  readonly macro: MacroName;
  readonly range: Expression;
  readonly variable: string;
  readonly second?: string;
  readonly condition?: Expression;
  readonly body: Expression;
}

/** `optional.optMap(name, body)`: binds what is in an optional. Kubernetes does not have `cel.bind`. */
export interface BindExpression {
  readonly kind: 'bind';
  readonly at: number;
  readonly macro: 'optMap' | 'optFlatMap';
  readonly variable: string;
  readonly value: Expression;
  readonly body: Expression;
}
