import type { ProtobufReader } from './reader.ts';
import { JsonTypeError } from './json-type-error.ts';
import type { BackwardWriter } from './writer.ts';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
}

function parseRfc3339(text: string): Instant {
  const seconds = canonicalSeconds(text);
  return seconds === undefined ? parseAnyRfc3339(text) : { seconds, nanoseconds: 0 };
}

/** `2026-01-02T03:04:05Z`, as nearly every time is written: without a regular expression. Undefined for any other. */
function canonicalSeconds(text: string): number | undefined {
  if (text.length !== 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return undefined;
  if (text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z') return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  // Days that not every month has, and years that Date.UTC takes for others, are left to the slow way. NaN is as well.
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

/** NaN when one is no digit. */
function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function parseAnyRfc3339(text: string): Instant {
  const match = RFC3339.exec(text);
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match ?? [];
  if (
    !match ||
    +month! < 1 ||
    +month! > 12 ||
    +day! < 1 ||
    +day! > daysIn(+year!, +month!) ||
    +hour! > 23 ||
    +minute! > 59 ||
    +second! > 59
  ) {
    throw new JsonTypeError(
      'Time',
      `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`,
    );
  }
  const offsetMinutes =
    zone === 'Z' ? 0 : (zone!.startsWith('-') ? -1 : 1) * (+zone!.slice(1, 3) * 60 + +zone!.slice(4, 6));
  const date = new Date(0);
  date.setUTCFullYear(+year!, +month! - 1, +day!);
  date.setUTCHours(+hour!, +minute!, +second!);
  return {
    seconds: date.getTime() / 1000 - offsetMinutes * 60,
    nanoseconds: fraction === '' ? 0 : +fraction.slice(0, 9).padEnd(9, '0'),
  };
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function format(seconds: number, nanoseconds: number, fractionDigits: 0 | 6): string {
  const base = new Date(seconds * 1000).toISOString().slice(0, 19);
  return fractionDigits === 0 ? `${base}Z` : `${base}.${String(Math.floor(nanoseconds / 1000)).padStart(6, '0')}Z`;
}

/** Any RFC 3339 text → seconds in UTC, as metav1.Time prints. Throws JsonTypeError. */
export function normalizeTime(text: string): string {
  const { seconds } = parseRfc3339(text);
  return text.length === 20 && text.endsWith('Z') ? text : format(seconds, 0, 0);
}

/** Any RFC 3339 text → microseconds in UTC, as metav1.MicroTime prints. */
export function normalizeMicroTime(text: string): string {
  const { seconds, nanoseconds } = parseRfc3339(text);
  return format(seconds, nanoseconds, 6);
}

/** Go's zero time is an empty message, read as null. */
export function readTimestamp(reader: ProtobufReader, fractionDigits: 0 | 6): string | null {
  const outer = reader.enter();
  if (reader.atEnd) {
    reader.leave(outer);
    return null;
  }
  let [seconds, nanoseconds] = [0, 0];
  while (!reader.atEnd) {
    const tag = reader.varint();
    if (tag === 0x08) seconds = reader.integer();
    else if (tag === 0x10) nanoseconds = reader.integer();
    else reader.skip(tag & 7);
  }
  reader.leave(outer);
  return format(seconds, nanoseconds, fractionDigits);
}

export function writeTimestamp(writer: BackwardWriter, text: string | null | undefined): void {
  if (!text) return writer.varint(0);
  const { seconds, nanoseconds } = parseRfc3339(text);
  const start = writer.mark;
  writer.integer(nanoseconds);
  writer.varint(0x10);
  writer.integer(seconds);
  writer.varint(0x08);
  writer.varint(writer.mark - start);
}
