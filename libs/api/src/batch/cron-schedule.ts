import { isKnownZone } from './time-zone.ts';

interface Field {
  readonly min: number;
  readonly max: number;
  /** Names of the values, from the lowest. */
  readonly names: readonly string[];
}

/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];
const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const EVERY = '@every ';

class ScheduleError extends Error {}

/** What is wrong with a cron schedule, worded like the library that upstream parses it with; undefined if nothing. */
export function scheduleProblem(schedule: string): string | undefined {
  try {
    parseSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}

function parseSchedule(schedule: string): void {
  let text = schedule;
  if (/^(?:CRON_)?TZ=/.test(text)) {
    const [zone = ''] = text.slice(text.indexOf('=') + 1).split(' ', 1);
    if (zone !== '' && !isKnownZone(zone))
      throw new ScheduleError(`provided bad location ${zone}: unknown time zone ${zone}`);
    text = text.includes(' ') ? text.slice(text.indexOf(' ')).trim() : '';
  }
  if (text.startsWith('@')) return parseDescriptor(text);
  const fields = text.split(/\s+/).filter(Boolean);
  if (fields.length !== FIELDS.length)
    throw new ScheduleError(`expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`);
  fields.forEach((field, at) => {
    for (const range of field.split(',')) if (range !== '') parseRange(range, FIELDS[at]!);
  });
}

function parseDescriptor(text: string): void {
  if (DESCRIPTORS.has(text)) return;
  if (!text.startsWith(EVERY)) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  const problem = durationProblem(text.slice(EVERY.length));
  if (problem) throw new ScheduleError(`failed to parse duration ${text}: time: ${problem}`);
}

/** As Go's time.ParseDuration words it. */
function durationProblem(text: string): string | undefined {
  const quoted = JSON.stringify(text);
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return undefined;
  if (rest === '') return `invalid duration ${quoted}`;
  while (rest !== '') {
    const number = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) return `invalid duration ${quoted}`;
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)![0];
    if (unit === '') return `missing unit in duration ${quoted}`;
    if (!/^(?:ns|us|µs|μs|ms|s|m|h)$/.test(unit)) return `unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
    rest = rest.slice(unit.length);
  }
  return undefined;
}

/** `*`, `5`, `1-5`, each perhaps with `/2`. */
function parseRange(range: string, { min, max, names }: Field): void {
  const [bounds = '', step, ...slashes] = range.split('/');
  const [low = '', high, ...hyphens] = bounds.split('-');
  let [start, end] = [min, max];
  if (low !== '*' && low !== '?') {
    start = parseValue(low, min, names);
    if (hyphens.length > 0) throw new ScheduleError(`too many hyphens: ${range}`);
    // "5/15" is short for "5-59/15".
    end = high === undefined ? (step === undefined ? start : max) : parseValue(high, min, names);
  }
  if (slashes.length > 0) throw new ScheduleError(`too many slashes: ${range}`);
  const every = step === undefined ? 1 : parseNumber(step);
  if (start < min) throw new ScheduleError(`beginning of range (${start}) below minimum (${min}): ${range}`);
  if (end > max) throw new ScheduleError(`end of range (${end}) above maximum (${max}): ${range}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${range}`);
  if (every === 0) throw new ScheduleError(`step of range should be a positive number: ${range}`);
}

function parseValue(text: string, min: number, names: readonly string[]): number {
  const named = names.indexOf(text.toLowerCase());
  return named >= 0 ? named + min : parseNumber(text);
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new ScheduleError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  const value = Number(text);
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`);
  return value;
}
