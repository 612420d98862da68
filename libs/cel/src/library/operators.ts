import { AssociativeList } from '../runtime/associative-list.ts';
import { compareNumbers, equal } from '../runtime/equality.ts';
import { EvaluationError } from '../runtime/evaluation-error.ts';
import {
  Duration,
  inInt64,
  inUint64,
  isMapValue,
  Optional,
  Timestamp,
  Uint,
  type MapValue,
  type Value,
} from '../runtime/value.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  optionalOf,
  parameter,
  STRING,
  TIMESTAMP,
  UINT,
  type Type,
} from '../types/type.ts';
import { fn, readsAll, traversal, type Overload } from './overload.ts';

const A = parameter('A');
const B = parameter('B');

function int(value: bigint, what = 'integer overflow'): bigint {
  if (!inInt64(value)) throw new EvaluationError(what);
  return value;
}

function uint(value: bigint): Uint {
  if (!inUint64(value)) throw new EvaluationError('unsigned integer overflow');
  return new Uint(value);
}

const divisor = (value: bigint, by: string): bigint => {
  if (value === 0n) throw new EvaluationError(by);
  return value;
};

const arithmetic: Overload[] = [
  fn('_+_', [INT, INT], INT, (a: bigint, b: bigint) => int(a + b)),
  fn('_-_', [INT, INT], INT, (a: bigint, b: bigint) => int(a - b)),
  fn('_*_', [INT, INT], INT, (a: bigint, b: bigint) => int(a * b)),
  fn('_/_', [INT, INT], INT, (a: bigint, b: bigint) => int(a / divisor(b, 'division by zero'))),
  fn('_%_', [INT, INT], INT, (a: bigint, b: bigint) => a % divisor(b, 'modulus by zero')),
  fn('-_', [INT], INT, (a: bigint) => int(-a)),
  fn('_+_', [UINT, UINT], UINT, (a: Uint, b: Uint) => uint(a.value + b.value)),
  fn('_-_', [UINT, UINT], UINT, (a: Uint, b: Uint) => uint(a.value - b.value)),
  fn('_*_', [UINT, UINT], UINT, (a: Uint, b: Uint) => uint(a.value * b.value)),
  fn('_/_', [UINT, UINT], UINT, (a: Uint, b: Uint) => new Uint(a.value / divisor(b.value, 'division by zero'))),
  fn('_%_', [UINT, UINT], UINT, (a: Uint, b: Uint) => new Uint(a.value % divisor(b.value, 'modulus by zero'))),
  fn('_+_', [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a + b),
  fn('_-_', [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a - b),
  fn('_*_', [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a * b),
  fn('_/_', [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a / b),
  fn('-_', [DOUBLE], DOUBLE, (a: number) => -a),
];

const sumOfSizes = { resultSize: ([a = 0, b = 0]: readonly number[]) => a + b };

const concatenation: Overload[] = [
  fn('_+_', [STRING, STRING], STRING, (a: string, b: string) => a + b, { ...readsAll, ...sumOfSizes }),
  fn('_+_', [BYTES, BYTES], BYTES, (a: Uint8Array, b: Uint8Array) => new Uint8Array(Buffer.concat([a, b])), {
    ...readsAll,
    ...sumOfSizes,
  }),
  fn(
    '_+_',
    [listOf(A), listOf(A)],
    listOf(A),
    (a: readonly Value[], b: readonly Value[]) => (a instanceof AssociativeList ? a.merged(b) : [...a, ...b]),
    sumOfSizes,
  ),
];

const time: Overload[] = [
  fn('_+_', [DURATION, DURATION], DURATION, (a: Duration, b: Duration) => new Duration(int(a.nanos + b.nanos))),
  fn('_-_', [DURATION, DURATION], DURATION, (a: Duration, b: Duration) => new Duration(int(a.nanos - b.nanos))),
  fn('_+_', [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) => timestamp(a.nanos + b.nanos)),
  fn('_+_', [DURATION, TIMESTAMP], TIMESTAMP, (a: Duration, b: Timestamp) => timestamp(a.nanos + b.nanos)),
  fn('_-_', [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) => timestamp(a.nanos - b.nanos)),
  fn('_-_', [TIMESTAMP, TIMESTAMP], DURATION, (a: Timestamp, b: Timestamp) => new Duration(int(a.nanos - b.nanos))),
];

const FIRST_NANOS = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 1_000_000n;
const LAST_NANOS = BigInt(Date.parse('9999-12-31T23:59:59.999Z')) * 1_000_000n + 999_999n;

function timestamp(nanos: bigint): Timestamp {
  if (nanos < FIRST_NANOS || nanos > LAST_NANOS) throw new EvaluationError('timestamp overflow');
  return new Timestamp(nanos);
}

const shorter = { cost: ([a = 1, b = 1]: readonly number[]) => traversal(Math.min(a, b)) };

type Order = (value: number) => boolean;
const ORDERS: Readonly<Record<string, Order>> = {
  '_<_': (value) => value < 0,
  '_<=_': (value) => value <= 0,
  '_>_': (value) => value > 0,
  '_>=_': (value) => value >= 0,
};

const NUMBERS: readonly Type[] = [INT, UINT, DOUBLE];

function orderOf(name: string, holds: Order): Overload[] {
  const numbers = NUMBERS.flatMap((left) =>
    NUMBERS.map((right) => fn(name, [left, right], BOOL, (a: bigint, b: bigint) => holds(compareNumbers(a, b)))),
  );
  const textOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return [
    ...numbers,
    fn(name, [BOOL, BOOL], BOOL, (a: boolean, b: boolean) => holds(Number(a) - Number(b))),
    fn(name, [STRING, STRING], BOOL, (a: string, b: string) => holds(a === b ? 0 : textOrder(a, b)), shorter),
    fn(name, [BYTES, BYTES], BOOL, (a: Uint8Array, b: Uint8Array) => holds(Buffer.compare(a, b)), shorter),
    fn(name, [DURATION, DURATION], BOOL, (a: Duration, b: Duration) => holds(compareNumbers(a.nanos, b.nanos))),
    fn(name, [TIMESTAMP, TIMESTAMP], BOOL, (a: Timestamp, b: Timestamp) => holds(compareNumbers(a.nanos, b.nanos))),
  ];
}

const relations: Overload[] = [
  ...Object.entries(ORDERS).flatMap(([name, holds]) => orderOf(name, holds)),
  fn('_==_', [A, A], BOOL, equal, shorter),
  fn('_!=_', [A, A], BOOL, (a: Value, b: Value) => !equal(a, b), shorter),
  fn('!_', [BOOL], BOOL, (a: boolean) => !a),
];

const memberOf = { cost: ([, items = 0]: readonly number[]) => items };

const containers: Overload[] = [
  fn(
    '@in',
    [A, listOf(A)],
    BOOL,
    (item: Value, list: readonly Value[]) => list.some((each) => equal(each, item)),
    memberOf,
  ),
  fn('@in', [A, mapOf(A, B)], BOOL, (key: Value, map: MapValue) => map.has(key)),
  fn('_[_]', [listOf(A), INT], A, index),
  fn('_[_]', [mapOf(A, B), A], B, lookUp),
  fn('_[?_]', [listOf(A), INT], optionalOf(A), (list: readonly Value[], at: Value) => new Optional(itemAt(list, at))),
  fn('_[?_]', [mapOf(A, B), A], optionalOf(B), (map: MapValue, key: Value) => new Optional(map.get(key))),
  fn('_[_]', [optionalOf(listOf(A)), INT], optionalOf(A), (list: Optional, at: Value) =>
    inOptional(list, (value) => itemAt(value as readonly Value[], at)),
  ),
  fn('_[_]', [optionalOf(mapOf(A, B)), A], optionalOf(B), (map: Optional, key: Value) =>
    inOptional(map, (value) => (value as MapValue).get(key)),
  ),
  fn('_[?_]', [optionalOf(listOf(A)), INT], optionalOf(A), (list: Optional, at: Value) =>
    inOptional(list, (value) => itemAt(value as readonly Value[], at)),
  ),
  fn('_[?_]', [optionalOf(mapOf(A, B)), A], optionalOf(B), (map: Optional, key: Value) =>
    inOptional(map, (value) => (value as MapValue).get(key)),
  ),
];

function inOptional(optional: Optional, look: (value: Value) => Value | undefined): Optional {
  return optional.value === undefined ? Optional.NONE : new Optional(look(optional.value));
}

function itemAt(list: readonly Value[], at: Value): Value | undefined {
  return list[Number(at instanceof Uint ? at.value : at)];
}

function index(list: readonly Value[], at: Value): Value {
  const value = itemAt(list, at);
  if (value === undefined) throw new EvaluationError(`index out of bounds: ${at instanceof Uint ? at.value : at}`);
  return value;
}

function lookUp(map: MapValue, key: Value): Value {
  const value = isMapValue(map) ? map.get(key) : undefined;
  if (value === undefined) throw new EvaluationError(`no such key: ${key instanceof Uint ? key.value : String(key)}`);
  return value;
}

/** What stands between operands, and indexing; `&&`, `||` and `?:` are part of the evaluator, because they skip. */
export const operators: readonly Overload[] = [...arithmetic, ...concatenation, ...time, ...relations, ...containers];

/** `dyn(x)` hides the type from the checker. */
export const dynamic: readonly Overload[] = [fn('dyn', [A], DYN, (value: Value) => value)];
