import { EvaluationError } from '../runtime/evaluation-error.ts';
import { typeName } from '../runtime/type-of.ts';
import {
  Duration,
  inInt64,
  inUint64,
  Timestamp,
  TypeValue,
  Uint,
  type MapValue,
  type Value,
} from '../runtime/value.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listOf,
  mapOf,
  parameter,
  STRING,
  TIMESTAMP,
  UINT,
} from '../types/type.ts';
import { formatDouble, formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './time-text.ts';
import { fn, keepsSize, method, readsFirst, type Overload } from './overload.ts';

const A = parameter('A');
const B = parameter('B');
const NUMBER_TEXT_SIZE = { resultSize: () => 24 };

function toInt(value: bigint): bigint {
  if (!inInt64(value)) throw new EvaluationError('integer overflow');
  return value;
}

function toUint(value: bigint): Uint {
  if (!inUint64(value)) throw new EvaluationError('unsigned integer overflow');
  return new Uint(value);
}

function truncated(value: number): bigint {
  if (!Number.isFinite(value)) throw new EvaluationError('integer overflow');
  return BigInt(Math.trunc(value));
}

function parsedInt(text: string): bigint {
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
  if (value === undefined || !inInt64(value)) throw new EvaluationError(`type conversion error from 'string' to 'int'`);
  return value;
}

function parsedDouble(text: string): number {
  if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Infinity;
  if (!Number.isFinite(value)) throw new EvaluationError(`type conversion error from 'string' to 'double'`);
  return value;
}

const TRUE = new Set(['1', 't', 'true', 'TRUE', 'True', 'T']);
const FALSE = new Set(['0', 'f', 'false', 'FALSE', 'False', 'F']);

function parsedBool(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new EvaluationError(`type conversion error from 'string' to 'bool'`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new EvaluationError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const SECOND = 1_000_000_000n;

/** `int(x)`, `string(x)`, `timestamp(x)` and so on, `type(x)` and `size(x)`. */
export const conversions: readonly Overload[] = [
  fn('int', [INT], INT, (value: bigint) => value),
  fn('int', [UINT], INT, (value: Uint) => toInt(value.value)),
  fn('int', [DOUBLE], INT, (value: number) => toInt(truncated(value))),
  fn('int', [STRING], INT, parsedInt),
  fn('int', [TIMESTAMP], INT, (value: Timestamp) => floorSeconds(value.nanos)),
  fn('int', [DURATION], INT, (value: Duration) => value.nanos),
  fn('uint', [UINT], UINT, (value: Uint) => value),
  fn('uint', [INT], UINT, (value: bigint) => toUint(value)),
  fn('uint', [DOUBLE], UINT, (value: number) => toUint(truncated(value))),
  fn('uint', [STRING], UINT, (value: string) => {
    const number = /^\d+$/.test(value) ? BigInt(value) : undefined;
    if (number === undefined || !inUint64(number))
      throw new EvaluationError(`type conversion error from 'string' to 'uint'`);
    return new Uint(number);
  }),
  fn('double', [DOUBLE], DOUBLE, (value: number) => value),
  fn('double', [INT], DOUBLE, Number),
  fn('double', [UINT], DOUBLE, (value: Uint) => Number(value.value)),
  fn('double', [STRING], DOUBLE, parsedDouble),
  fn('bool', [BOOL], BOOL, (value: boolean) => value),
  fn('bool', [STRING], BOOL, parsedBool),
  fn('string', [STRING], STRING, (value: string) => value, keepsSize),
  fn('string', [BOOL], STRING, String, NUMBER_TEXT_SIZE),
  fn('string', [INT], STRING, String, NUMBER_TEXT_SIZE),
  fn('string', [UINT], STRING, (value: Uint) => String(value.value), NUMBER_TEXT_SIZE),
  fn('string', [DOUBLE], STRING, formatDouble, NUMBER_TEXT_SIZE),
  fn('string', [BYTES], STRING, decoded, { ...readsFirst, ...keepsSize }),
  fn('string', [TIMESTAMP], STRING, (value: Timestamp) => formatTimestamp(value), NUMBER_TEXT_SIZE),
  fn('string', [DURATION], STRING, (value: Duration) => formatDuration(value), NUMBER_TEXT_SIZE),
  fn('bytes', [BYTES], BYTES, (value: Uint8Array) => value, keepsSize),
  fn('bytes', [STRING], BYTES, (value: string) => new Uint8Array(Buffer.from(value)), { ...readsFirst, ...keepsSize }),
  fn('timestamp', [TIMESTAMP], TIMESTAMP, (value: Timestamp) => value),
  fn('timestamp', [INT], TIMESTAMP, (value: bigint) => new Timestamp(value * SECOND)),
  fn('timestamp', [STRING], TIMESTAMP, parseTimestamp),
  fn('duration', [DURATION], DURATION, (value: Duration) => value),
  fn('duration', [INT], DURATION, (value: bigint) => new Duration(value)),
  fn('duration', [STRING], DURATION, parseDuration),
  fn('type', [A], { kind: 'type', of: A }, (value: Value) => new TypeValue(typeName(value))),
];

function floorSeconds(nanos: bigint): bigint {
  const seconds = nanos / SECOND;
  return nanos < 0n && nanos % SECOND !== 0n ? seconds - 1n : seconds;
}

const codePoints = (text: string): bigint => BigInt([...text].length);

export const sizes: readonly Overload[] = [
  ...[fn, method].flatMap((declare) => [
    declare('size', [STRING], INT, codePoints),
    declare('size', [BYTES], INT, (value: Uint8Array) => BigInt(value.length)),
    declare('size', [listOf(A)], INT, (value: readonly Value[]) => BigInt(value.length)),
    declare('size', [mapOf(A, B)], INT, (value: MapValue) => BigInt(value.size)),
  ]),
];
