const RANGES: readonly (readonly [name: string, min: number, max: number, names: readonly string[]])[] = [
  ['minute', 0, 59, []],
  ['hour', 0, 23, []],
  ['day-of-month', 1, 31, []],
  ['month', 1, 12, ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']],
  ['day-of-week', 0, 6, ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']],
];
const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** What is wrong with a five-field cron schedule, worded like the library that upstream parses it with; undefined if nothing. */
export function scheduleProblem(schedule: string): string | undefined {
  const text = schedule.replace(/^(?:CRON_)?TZ=\S+\s+/, '').trim();
  if (text.startsWith('@')) {
    if (DESCRIPTORS.has(text)) return undefined;
    const every = /^@every\s+(.*)$/.exec(text);
    if (!every) return `unrecognized descriptor: ${text}`;
    return /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(every[1]!)
      ? undefined
      : `failed to parse duration ${text}: time: invalid duration "${every[1]}"`;
  }
  const fields = text.split(/\s+/);
  if (fields.length !== 5)
    return `expected exactly 5 fields, found ${text === '' ? 0 : fields.length}: [${fields.join(' ')}]`;
  for (const [at, field] of fields.entries()) {
    for (const part of field.split(',')) {
      const problem = partProblem(part, ...RANGES[at]!);
      if (problem) return problem;
    }
  }
  return undefined;
}

function partProblem(part: string, _: string, min: number, max: number, names: readonly string[]): string | undefined {
  const [range = '', step, extra] = part.split('/');
  if (extra !== undefined) return `too many slashes: ${part}`;
  const bounds = range.split('-');
  if (bounds.length > 2) return `too many hyphens: ${part}`;
  if (bounds[0] !== '*' && bounds[0] !== '?') {
    const numbers = bounds.map((bound) => toNumber(bound, min, names));
    const bad = numbers.findIndex(Number.isNaN);
    if (bad >= 0)
      return `failed to parse int from ${bounds[bad]}: strconv.Atoi: parsing ${JSON.stringify(bounds[bad])}: invalid syntax`;
    const [start = min, end = start] = numbers;
    if (start < min) return `beginning of range (${start}) below minimum (${min}): ${part}`;
    if (end > max) return `end of range (${end}) above maximum (${max}): ${part}`;
    if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${part}`;
  }
  if (step !== undefined) {
    if (!/^\d+$/.test(step))
      return `failed to parse int from ${step}: strconv.Atoi: parsing ${JSON.stringify(step)}: invalid syntax`;
    if (Number(step) === 0) return `step of range should be a positive number: ${part}`;
  }
  return undefined;
}

function toNumber(text: string, min: number, names: readonly string[]): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + min;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}
