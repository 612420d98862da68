import { EvaluationError } from '../runtime/evaluation-error.ts';
import type { Duration, Timestamp, Value } from '../runtime/value.ts';
import { DURATION, INT, STRING, TIMESTAMP } from '../types/type.ts';
import { method, type Overload } from './overload.ts';

type Part = (local: Date, nanos: bigint) => number;

const DAY_MS = 86_400_000;

const PARTS: Readonly<Record<string, Part>> = {
  getFullYear: (local) => local.getUTCFullYear(),
  getMonth: (local) => local.getUTCMonth(),
  getDayOfYear: (local) => Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / DAY_MS),
  getDayOfMonth: (local) => local.getUTCDate() - 1,
  getDate: (local) => local.getUTCDate(),
  getDayOfWeek: (local) => local.getUTCDay(),
  getHours: (local) => local.getUTCHours(),
  getMinutes: (local) => local.getUTCMinutes(),
  getSeconds: (local) => local.getUTCSeconds(),
  getMilliseconds: (local) => local.getUTCMilliseconds(),
};

const UNITS: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: 1_000_000n,
};

/** A date whose UTC fields read as the local time of the zone: a name or an offset such as `-08:00`. */
function localTime({ nanos }: Timestamp, zone = 'UTC'): Date {
  const milliseconds = Number(nanos / 1_000_000n);
  const offset = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone);
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(milliseconds + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  if (zone === 'UTC' || zone === '') return new Date(milliseconds);
  return new Date(milliseconds + zoneOffsetMs(milliseconds, zone));
}

function zoneOffsetMs(milliseconds: number, zone: string): number {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    const parts = Object.fromEntries(
      format.formatToParts(milliseconds).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(milliseconds / 1000) * 1000;
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`);
  }
}

/** `timestamp.getFullYear()`, in UTC or in a zone, and `duration.getHours()`. */
export const timeParts: readonly Overload[] = [
  ...Object.entries(PARTS).flatMap(([name, part]) => [
    method(name, [TIMESTAMP], INT, (value: Timestamp): Value => BigInt(part(localTime(value), value.nanos))),
    method(name, [TIMESTAMP, STRING], INT, (value: Timestamp, zone: string): Value =>
      BigInt(part(localTime(value, zone), value.nanos)),
    ),
  ]),
  ...Object.entries(UNITS).map(([name, unit]) =>
    method(name, [DURATION], INT, ({ nanos }: Duration): Value => nanos / unit),
  ),
];
