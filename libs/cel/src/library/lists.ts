import { compareNumbers, equal, isNumeric } from '../runtime/equality.ts';
import { CostLimitExceeded, EvaluationError } from '../runtime/evaluation-error.ts';
import { Duration, inInt64, inUint64, LiteralMap, Optional, Timestamp, Uint, type Value } from '../runtime/value.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  optionalOf,
  parameter,
  STRING,
  TIMESTAMP,
  UINT,
  type Type,
} from '../types/type.ts';
import { fn, keepsSize, method, readsItems, type Overload } from './overload.ts';

const A = parameter('A');
const LIST = listOf(A);
const COMPARABLE: readonly Type[] = [INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES];
const SUMMABLE: readonly (readonly [Type, Value])[] = [
  [INT, 0n],
  [UINT, new Uint(0n)],
  [DOUBLE, 0],
  [DURATION, new Duration(0n)],
];

type List = readonly Value[];

export function compare(a: Value, b: Value): number {
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (a instanceof Duration && b instanceof Duration) return compareNumbers(a.nanos, b.nanos);
  if (a instanceof Timestamp && b instanceof Timestamp) return compareNumbers(a.nanos, b.nanos);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  throw new EvaluationError('no such overload');
}

function add(a: Value, b: Value): Value {
  if (a instanceof Duration) return new Duration(within(a.nanos + (b as Duration).nanos, inInt64, 'duration overflow'));
  if (a instanceof Uint) return new Uint(within(a.value + (b as Uint).value, inUint64, 'unsigned integer overflow'));
  if (typeof a === 'bigint') return within(a + (b as bigint), inInt64, 'integer overflow');
  return (a as number) + (b as number);
}

function within(value: bigint, fits: (value: bigint) => boolean, overflow: string): bigint {
  if (!fits(value)) throw new EvaluationError(overflow);
  return value;
}

function extreme(list: List, name: string, sign: 1 | -1): Value {
  if (list.length === 0) throw new EvaluationError(`${name} called on empty list`);
  return list.reduce((best, each) => (compare(each, best) * sign > 0 ? each : best));
}

const isSorted = (list: List): boolean => list.every((each, at) => at === 0 || compare(list[at - 1]!, each) <= 0);
const position = (at: number): Value => BigInt(at);

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library */
const kubernetes: readonly Overload[] = [
  ...COMPARABLE.flatMap((type) => [
    method('isSorted', [listOf(type)], BOOL, isSorted, readsItems),
    method('min', [listOf(type)], type, (list: List) => extreme(list, 'min', -1), readsItems),
    method('max', [listOf(type)], type, (list: List) => extreme(list, 'max', 1), readsItems),
  ]),
  ...SUMMABLE.map(([type, zero]) =>
    method('sum', [listOf(type)], type, (list: List) => list.reduce(add, zero), readsItems),
  ),
  method(
    'indexOf',
    [LIST, A],
    INT,
    (list: List, item: Value) => position(list.findIndex((each) => equal(each, item))),
    readsItems,
  ),
  method(
    'lastIndexOf',
    [LIST, A],
    INT,
    (list: List, item: Value) => position(list.findLastIndex((each) => equal(each, item))),
    readsItems,
  ),
];

/** https://pkg.go.dev/github.com/google/cel-go/ext#Lists */
const extended: readonly Overload[] = [
  method(
    'distinct',
    [LIST],
    LIST,
    (list: List) => list.filter((each, at) => list.findIndex((other) => equal(each, other)) === at),
    {
      cost: ([items = 0]) => items * items,
      ...keepsSize,
    },
  ),
  method('flatten', [listOf(LIST)], LIST, (list: List) => flatten(list, 1n), { ...readsItems, ...keepsSize }),
  method('flatten', [listOf(DYN), INT], listOf(DYN), flatten, { ...readsItems, ...keepsSize }),
  method('slice', [LIST, INT, INT], LIST, slice, keepsSize),
  fn('lists.range', [INT], listOf(INT), (count: bigint) =>
    Array.from({ length: rangeLength(count) }, (_, at) => BigInt(at)),
  ),
  method('reverse', [LIST], LIST, (list: List) => [...list].reverse(), { ...readsItems, ...keepsSize }),
  method('first', [LIST], optionalOf(A), (list: List) => new Optional(list[0])),
  method('last', [LIST], optionalOf(A), (list: List) => new Optional(list.at(-1))),
  ...COMPARABLE.map((type) =>
    method('sort', [listOf(type)], listOf(type), (list: List) => [...list].sort(compare), {
      ...readsItems,
      ...keepsSize,
    }),
  ),
];

function flatten(list: List, depth: bigint): Value[] {
  if (depth < 0n) throw new EvaluationError('level must be non-negative');
  return list.flatMap((each) => (Array.isArray(each) && depth > 0n ? flatten(each as List, depth - 1n) : [each]));
}

/** Far above what the cost limit lets an expression walk over, and far below what memory takes. */
const MAX_RANGE = 1_000_000n;

function rangeLength(count: bigint): number {
  if (count > MAX_RANGE) throw new CostLimitExceeded();
  return Math.max(0, Number(count));
}

function slice(list: List, start: bigint, end: bigint): Value[] {
  if (start < 0n || end < 0n)
    throw new EvaluationError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    throw new EvaluationError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > BigInt(list.length))
    throw new EvaluationError(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

const product = { cost: ([a = 0, b = 0]: readonly number[]) => Math.max(a, 1) * Math.max(b, 1) };
const contains = (list: List, item: Value): boolean => list.some((each) => equal(each, item));

/** https://pkg.go.dev/github.com/google/cel-go/ext#Sets */
const sets: readonly Overload[] = [
  fn('sets.contains', [LIST, LIST], BOOL, (a: List, b: List) => b.every((each) => contains(a, each)), product),
  fn('sets.intersects', [LIST, LIST], BOOL, (a: List, b: List) => b.some((each) => contains(a, each)), product),
  fn(
    'sets.equivalent',
    [LIST, LIST],
    BOOL,
    (a: List, b: List) => b.every((each) => contains(a, each)) && a.every((each) => contains(b, each)),
    product,
  ),
];

export const lists: readonly Overload[] = [...kubernetes, ...extended, ...sets];

/** https://pkg.go.dev/github.com/google/cel-go/cel#OptionalTypes */
export const optionals: readonly Overload[] = [
  fn('optional.of', [A], optionalOf(A), (value: Value) => new Optional(value)),
  fn('optional.ofNonZeroValue', [A], optionalOf(A), (value: Value) =>
    isZero(value) ? Optional.NONE : new Optional(value),
  ),
  fn('optional.none', [], optionalOf(A), () => Optional.NONE),
  fn('optional.unwrap', [listOf(optionalOf(A))], LIST, unwrap),
  method('unwrapOpt', [listOf(optionalOf(A))], LIST, unwrap),
  method('hasValue', [optionalOf(A)], BOOL, ({ value }: Optional) => value !== undefined),
  method('value', [optionalOf(A)], A, ({ value }: Optional) => {
    if (value === undefined) throw new EvaluationError('optional.none() dereference');
    return value;
  }),
  method('or', [optionalOf(A), optionalOf(A)], optionalOf(A), (a: Optional, b: Optional) =>
    a.value === undefined ? b : a,
  ),
  method('orValue', [optionalOf(A), A], A, ({ value }: Optional, other: Value) => value ?? nullOr(value, other)),
];

/** Null is a value of an optional; only a missing one is replaced. */
function nullOr(value: Value | undefined, other: Value): Value {
  return value === undefined ? other : value;
}

function unwrap(list: readonly Optional[]): Value[] {
  return list.flatMap(({ value }) => (value === undefined ? [] : [value]));
}

function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (typeof value !== 'object') return false;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length === 0;
  return value instanceof LiteralMap ? value.size === 0 : 'size' in value && value.size === 0;
}
