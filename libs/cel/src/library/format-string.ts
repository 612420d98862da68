import { EvaluationError } from '../runtime/evaluation-error.ts';
import { typeName } from '../runtime/type-of.ts';
import { Duration, isMapValue, Timestamp, TypeValue, Uint, type Value } from '../runtime/value.ts';
import { formatDouble, formatDuration, formatTimestamp } from './time-text.ts';

/** `'%s has %d'.format([name, count])`: verbs s d f e b x X o, with a precision for f and e. */
export function formatString(format: string, values: readonly Value[]): string {
  let next = 0;
  const text = format.replace(
    /%(?:%|(\.\d+)?([a-zA-Z])?)/g,
    (whole, precision: string | undefined, verb: string | undefined) => {
      if (whole === '%%') return '%';
      if (verb === undefined) throw new EvaluationError('could not parse formatting clause: unexpected end of string');
      const value = values[next];
      if (value === undefined) throw new EvaluationError(`index ${next} out of range`);
      next++;
      return clause(verb, value, precision === undefined ? undefined : Number(precision.slice(1)));
    },
  );
  return text;
}

const MAX_PRECISION = 100;

function clause(verb: string, value: Value, precision = 6): string {
  if (precision > MAX_PRECISION)
    throw new EvaluationError(`could not parse formatting clause: precision ${precision} is too large`);
  switch (verb) {
    case 's':
      return display(value);
    case 'd':
      return integerText(value, 'decimal');
    case 'f':
      return numeric(value, 'fixed-point').toFixed(precision);
    case 'e':
      return numeric(value, 'scientific')
        .toExponential(precision)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : integer(value, 'binary').toString(2);
    case 'o':
      return integer(value, 'octal').toString(8);
    case 'x':
    case 'X': {
      const text = hexadecimal(value);
      return verb === 'X' ? text.toUpperCase() : text;
    }
    default:
      throw new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

const unfit = (value: Value, what: string): EvaluationError =>
  new EvaluationError(
    `error during formatting: ${what} clause can only be used on numbers, was given ${typeName(value)}`,
  );

function integer(value: Value, what: string): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  throw unfit(value, what);
}

function integerText(value: Value, what: string): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  return String(integer(value, what));
}

function numeric(value: Value, what: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  throw unfit(value, what);
}

function hexadecimal(value: Value): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return integer(value, 'hex').toString(16);
}

function display(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatDouble(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof TypeValue) return value.name;
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(display).join(', ')}]`;
  if (isMapValue(value)) {
    const entries = [...value.keys()].map((key) => `${display(key)}: ${display(value.get(key)!)}`);
    return `{${entries.sort().join(', ')}}`;
  }
  throw new EvaluationError(
    `error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeName(value)}`,
  );
}
