import { EvaluationError } from '../runtime/evaluation-error.ts';
import { typeName } from '../runtime/type-of.ts';
import { Duration, isMapValue, Timestamp, TypeValue, Uint, type Value } from '../runtime/value.ts';
import { indexOutOfRange, parseFormat, type Clause } from './parse-format.ts';
import { formatDouble, formatDuration, formatTimestamp } from './time-text.ts';

/** `'%s has %d'.format([name, count])`, as version 2 of cel-go's strings formats: `%f` and `%e` in American English. */
export function formatString(format: string, values: readonly Value[]): string {
  const present = (index: number): void => {
    if (index >= values.length) throw indexOutOfRange(index);
  };
  return parseFormat(format, values.length, present, (clause) => formatted(clause, values[clause.index]!));
}

/** What a clause takes, as messages say it. */
export const CLAUSE_TAKES: Readonly<Record<string, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
};

const failure = (why: string): EvaluationError => new EvaluationError(`error during formatting: ${why}`);

function formatted({ verb, precision }: Clause, value: Value): string {
  const text = textOf(verb, precision, value);
  if (text === undefined) throw failure(`${CLAUSE_TAKES[verb]}, was given ${typeName(value)}`);
  return text;
}

function textOf(verb: string, precision: number, value: Value): string | undefined {
  switch (verb) {
    case 's':
      return display(value);
    case 'd':
      return integer(value)?.toString();
    case 'f':
      return inEnglish(value, (number) => grouped(number.toFixed(precision)));
    case 'e':
      // Upstream takes the precision for a width, which no number is too short for.
      return inEnglish(value, scientific);
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : integer(value)?.toString(2);
    case 'o':
      return integer(value)?.toString(8);
    default: {
      const text = hexadecimal(value);
      return verb === 'X' ? text?.toUpperCase() : text;
    }
  }
}

function integer(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return value instanceof Uint ? value.value : undefined;
}

const SPECIAL: ReadonlyMap<Value, number> = new Map<Value, number>([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

function inEnglish(value: Value, format: (number: number) => string): string | undefined {
  const number = typeof value === 'number' ? value : SPECIAL.get(value);
  if (number === undefined) return undefined;
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? '∞' : '-∞';
  return format(number);
}

const grouped = (text: string): string => text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `1.052033 × 10⁰³`, between narrow spaces. */
function scientific(number: number): string {
  const [mantissa, exponent = ''] = number.toExponential(6).split('e');
  const digits = exponent.slice(1).padStart(2, '0');
  const raised = [...digits].map((digit) => SUPERSCRIPT[Number(digit)]).join('');
  return `${mantissa}\u202f×\u202f10${exponent.startsWith('-') ? '⁻' : ''}${raised}`;
}

function hexadecimal(value: Value): string | undefined {
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value as string).toString('hex');
  return integer(value)?.toString(16);
}

function display(value: Value): string | undefined {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatDouble(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof TypeValue) return value.name;
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(literal).join(', ')}]`;
  return isMapValue(value) && typeName(value) === 'map' ? mapText(value) : undefined;
}

function mapText(map: { keys(): Iterable<Value>; get(key: Value): Value | undefined }): string {
  const entries = [...map.keys()].map((key) => ({ key: keyText(key), value: literal(map.get(key)!) }));
  entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  return `{${entries.map(({ key, value }) => `${key}:${value}`).join(', ')}}`;
}

function keyText(key: Value): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'boolean') return String(key);
  const text = integer(key)?.toString();
  if (text === undefined) throw failure(`no formatting function for map key of type ${typeName(key)}`);
  return text;
}

/** What stands in a list or map, as an expression could. */
function literal(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `b${JSON.stringify(Buffer.from(value).toString())}`;
  if (value instanceof Timestamp) return `timestamp(${JSON.stringify(formatTimestamp(value))})`;
  if (value instanceof Duration) return `duration(${JSON.stringify(formatDuration(value))})`;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value.toFixed(6) : JSON.stringify(formatDouble(value));
  }
  const text = display(value);
  if (text === undefined) throw failure(`no formatting function for ${typeName(value)}`);
  return text;
}
