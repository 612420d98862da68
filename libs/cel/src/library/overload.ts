import type { Value } from '../runtime/value.ts';
import type { Type } from '../types/type.ts';

/** How long each argument is: a string's length, a list's or map's number of items, 1 for anything else. */
export type Sizes = readonly number[];

/**
 * One signature of a function. The same `cost` serves the actual cost (of actual sizes) and the estimate (of the largest
 * sizes the types allow).
 */
export interface Overload {
  readonly name: string;
  /** The first argument is what it is called on: `a.startsWith(b)`. */
  readonly member: boolean;
  readonly args: readonly Type[];
  readonly result: Type;
  /** Gets as many arguments as declared, of the declared types. Throws EvaluationError. */
  readonly evaluate: (...args: any[]) => Value;
  /** Beyond its arguments' own; 1 when left out. */
  readonly cost?: (sizes: Sizes) => number;
  /** The largest size of the result, for estimates. */
  readonly resultSize?: (sizes: Sizes) => number;
}

type Rest = Partial<Pick<Overload, 'cost' | 'resultSize'>>;

export function fn(
  name: string,
  args: readonly Type[],
  result: Type,
  evaluate: Overload['evaluate'],
  rest: Rest = {},
): Overload {
  return { name, member: false, args, result, evaluate, ...rest };
}

export function method(
  name: string,
  args: readonly Type[],
  result: Type,
  evaluate: Overload['evaluate'],
  rest: Rest = {},
): Overload {
  return { name, member: true, args, result, evaluate, ...rest };
}

/** Reading a string costs a tenth a character. */
export const STRING_TRAVERSAL_COST = 0.1;
const REGEX_COST = 0.25;

export const traversal = (size: number): number => Math.ceil(size * STRING_TRAVERSAL_COST);

/** Of reading all arguments that have a length. */
export const readsAll: Rest = { cost: (sizes) => sizes.reduce((sum, size) => sum + traversal(size), 0) };
export const readsFirst: Rest = { cost: ([first = 0]) => traversal(first) };
export const readsSecond: Rest = { cost: ([, second = 0]) => traversal(second) };
/** A search for one string in another. */
export const searches: Rest = {
  cost: ([text = 0, part = 0]) => Math.max(traversal(text), 1) * Math.max(traversal(part), 1),
};
export const matchesPattern: Rest = {
  cost: ([text = 0, pattern = 0]) => Math.max(traversal(text + 1), 1) * Math.max(Math.ceil(pattern * REGEX_COST), 1),
};
/** One for each item. */
export const readsItems: Rest = { cost: ([items = 0]) => items };
export const keepsSize: Rest = { resultSize: ([first = 0]) => first };
