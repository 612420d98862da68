import type { CronJob, Job } from '@pilothouse/api';
import { Cron } from 'croner';

/** Missed so many times, a schedule is not caught up with: something is wrong with the clock or the schedule. */
const TOO_MANY_MISSED = 100;

export type Missed = { readonly time: Date | undefined; readonly tooMany: boolean };

const INLINE_ZONE = /^(?:CRON_TZ|TZ)=(\S+)\s+(.*)$/;

/** The zone that the schedule is in: one in the schedule itself, which is not supported, goes before `timeZone`. */
export function zoneOf({ spec: { schedule, timeZone } }: CronJob): string {
  return INLINE_ZONE.exec(schedule)?.[1] ?? timeZone ?? 'UTC';
}

export function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en-US', { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** The schedule in the job's time zone, the controller's own (UTC) when it names none. Throws on what is no schedule. */
export function parseSchedule(cronJob: CronJob): { next(after: Date): Date | undefined } {
  const { schedule } = cronJob.spec;
  const [, , rest] = INLINE_ZONE.exec(schedule) ?? [];
  const text = rest ?? schedule;
  const every = /^@every\s+(\S+)$/.exec(text);
  if (every) return everyInterval(every[1]!);
  const cron = new Cron(text, { mode: '5-part', timezone: zoneOf(cronJob), paused: true });
  return { next: (after) => cron.nextRun(after) ?? undefined };
}

function everyInterval(text: string): { next(after: Date): Date | undefined } {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  const seconds = Number(match?.[1] ?? 0) * 3600 + Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0);
  if (!match || seconds < 1) throw new Error(`failed to parse duration @every ${text}`);
  return { next: (after) => new Date(Math.floor(after.getTime() / 1000) * 1000 + seconds * 1000) };
}

/**
 * The latest time at which the job should have run and did not. A start is missed for good once
 * `startingDeadlineSeconds` is over. Mirrors mostRecentScheduleTime of pkg/controller/cronjob/utils.go.
 */
export function latestMissed(cronJob: CronJob, now: Date): Missed {
  const schedule = parseSchedule(cronJob);
  let since = new Date(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? now);
  const deadline = cronJob.spec.startingDeadlineSeconds;
  if (deadline !== undefined) {
    const earliest = new Date(now.getTime() - deadline * 1000);
    if (earliest > since) since = earliest;
  }
  let latest: Date | undefined;
  let count = 0;
  for (let time = schedule.next(since); time !== undefined && time <= now; time = schedule.next(time)) {
    latest = time;
    // The rest is skipped in one step; which of the many is latest is found from just before now.
    if (++count > TOO_MANY_MISSED) return { time: lastBefore(schedule, time, now), tooMany: true };
  }
  return { time: latest, tooMany: false };
}

/** The last time at or before `now`, by halving the distance until it is found. */
function lastBefore(schedule: { next(after: Date): Date | undefined }, known: Date, now: Date): Date {
  let [low, high] = [known.getTime(), now.getTime()];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2);
    const time = schedule.next(new Date(middle));
    if (time !== undefined && time <= now) low = Math.max(time.getTime(), middle);
    else high = middle;
  }
  return new Date(Math.floor(low / 1000) * 1000);
}

/** `2026-07-01T09:00:00+02:00`: the time as the zone's clocks show it, as the scheduled-timestamp annotation has it. */
export function formatTimeIn(zone: string, time: Date): string {
  const parts = new Map(
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      timeZoneName: 'longOffset',
      ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  );
  const offset = parts.get('timeZoneName')!.replace(/^GMT(\+00:00)?/, '') || 'Z';
  const [day, clock] = [
    ['year', 'month', 'day'],
    ['hour', 'minute', 'second'],
  ].map((names) => names.map((name) => parts.get(name as Intl.DateTimeFormatPartTypes)!));
  return `${day!.join('-')}T${clock!.join(':')}${offset}`;
}

/** The name says the minute, so that one start cannot make two Jobs. */
export const jobNameFor = (cronJob: CronJob, time: Date): string =>
  `${cronJob.metadata.name}-${Math.floor(time.getTime() / 60_000)}`;

export const finishedType = (job: Job): 'Complete' | 'Failed' | undefined =>
  job.status?.conditions?.find((each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True')
    ?.type as 'Complete' | 'Failed' | undefined;

/** Finished Jobs beyond the history limits, oldest first. */
export function planHistory(cronJob: CronJob, owned: readonly Job[]): Job[] {
  const beyond = (type: 'Complete' | 'Failed', limit: number | undefined): Job[] => {
    if (limit === undefined) return [];
    const finished = owned
      .filter((job) => finishedType(job) === type)
      .sort((a, b) =>
        (a.status?.startTime ?? a.metadata.creationTimestamp ?? '') <
        (b.status?.startTime ?? b.metadata.creationTimestamp ?? '')
          ? -1
          : 1,
      );
    return finished.slice(0, Math.max(0, finished.length - limit));
  };
  return [
    ...beyond('Complete', cronJob.spec.successfulJobsHistoryLimit ?? 3),
    ...beyond('Failed', cronJob.spec.failedJobsHistoryLimit ?? 1),
  ];
}
