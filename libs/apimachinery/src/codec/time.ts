import type { ProtobufReader } from './reader.ts';
import { JsonTypeError } from './json-type-error.ts';
import type { BackwardWriter } from './writer.ts';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
}

function parseRfc3339(text: string): Instant {
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
