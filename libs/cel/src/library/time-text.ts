import { EvaluationError } from '../runtime/evaluation-error.ts';
import { Duration, inInt64, Timestamp } from '../runtime/value.ts';

const NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Go's time.ParseDuration: `1h30m`, `-1.5s`. */
export function parseDuration(text: string): Duration {
  const value = durationNanos(text);
  if (value === undefined) throw new EvaluationError(`time: invalid duration ${JSON.stringify(text)}`);
  return new Duration(value);
}

export function durationNanos(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0n;
  let nanos = 0n;
  PART.lastIndex = 0;
  let end = 0;
  for (let match = PART.exec(body); match !== null; match = PART.exec(body)) {
    nanos += scaled(match[1]!, BigInt(NANOS[match[2]!]!));
    end = PART.lastIndex;
  }
  if (body === '' || end !== body.length || !inInt64(nanos)) return undefined;
  return negative ? -nanos : nanos;
}

/** Exact for the whole part, to the nanosecond for the fraction. */
function scaled(number: string, unit: bigint): bigint {
  const [whole = '', fraction = ''] = number.split('.');
  const digits = fraction.slice(0, 18);
  return BigInt(whole || '0') * unit + (digits === '' ? 0n : (BigInt(digits) * unit) / 10n ** BigInt(digits.length));
}

/** `3661s`, with a fraction where there is one, as Protobuf's JSON has it. */
export function formatDuration({ nanos }: Duration): string {
  return `${decimalSeconds(nanos)}s`;
}

function decimalSeconds(nanos: bigint): string {
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${sign}${size / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

export function parseTimestamp(text: string): Timestamp {
  const nanos = timestampNanos(text);
  if (nanos === undefined)
    throw new EvaluationError(
      `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`,
    );
  return new Timestamp(nanos);
}

export function timestampNanos(text: string): bigint | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const milliseconds = Date.parse(`${match[1]}T${match[2]}${match[4]!.toUpperCase()}`);
  if (Number.isNaN(milliseconds)) return undefined;
  const fraction = (match[3] ?? '.').slice(1, 10).padEnd(9, '0');
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction);
}

export function formatTimestamp({ nanos }: Timestamp): string {
  const second = nanos >= 0n ? nanos / 1_000_000_000n : (nanos - 999_999_999n) / 1_000_000_000n;
  const fraction = String(nanos - second * 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const text = new Date(Number(second) * 1000).toISOString().slice(0, 19);
  return `${text}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** Go's `%g`: the fewest digits, with an exponent from a million on. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return String(value);
}
