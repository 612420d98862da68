import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CronJob, Job } from '@pilothouse/api';
import { formatTimeIn, isTimeZone, jobNameFor, latestMissed, parseSchedule, planHistory } from './plan.ts';

const cronJob = (schedule: string, spec: object = {}, status: object = {}): CronJob =>
  ({
    metadata: { name: 'tick', namespace: 'ns', creationTimestamp: '2026-01-01T00:00:30Z' },
    spec: { schedule, ...spec },
    status,
  }) as unknown as CronJob;

const nextOf = (of: CronJob, after: string): string | undefined =>
  parseSchedule(of).next(new Date(after))?.toISOString();
const missed = (of: CronJob, now: string) => {
  const { time, tooMany } = latestMissed(of, new Date(now));
  return { time: time?.toISOString(), tooMany };
};

describe('a schedule', () => {
  it.each<[string, CronJob, string, string]>([
    ['each minute', cronJob('* * * * *'), '2026-01-01T00:00:30Z', '2026-01-01T00:01:00.000Z'],
    ['with a question mark', cronJob('*/5 * * * ?'), '2026-01-01T00:01:00Z', '2026-01-01T00:05:00.000Z'],
    ['in words', cronJob('@daily'), '2026-01-01T00:01:00Z', '2026-01-02T00:00:00.000Z'],
    ['as an interval', cronJob('@every 1h30m'), '2026-01-01T00:00:00.500Z', '2026-01-01T01:30:00.000Z'],
    [
      'in a time zone',
      cronJob('0 9 * * *', { timeZone: 'Asia/Tokyo' }),
      '2026-01-01T01:00:00Z',
      '2026-01-02T00:00:00.000Z',
    ],
    [
      'in a zone of its own',
      cronJob('TZ=Asia/Tokyo 0 9 * * *', { timeZone: 'UTC' }),
      '2026-01-01T01:00:00Z',
      '2026-01-02T00:00:00.000Z',
    ],
    [
      'across a change of clocks',
      cronJob('30 2 * * *', { timeZone: 'Europe/Berlin' }),
      '2026-03-27T12:00:00Z',
      '2026-03-28T01:30:00.000Z',
    ],
  ])('%s says when it is next', (_, of, after, expected) => {
    expect(nextOf(of, after)).toBe(expected);
  });

  it.each(['every minute', '@every soon', '61 * * * *'])('%j is none', (schedule) => {
    expect(() => parseSchedule(cronJob(schedule))).toThrow();
  });
});

describe('the latest start that was missed', () => {
  it.each<[string, CronJob, string, { time: string | undefined; tooMany: boolean }]>([
    ['is none before the first', cronJob('* * * * *'), '2026-01-01T00:00:59Z', { time: undefined, tooMany: false }],
    [
      'is the first',
      cronJob('* * * * *'),
      '2026-01-01T00:01:00Z',
      { time: '2026-01-01T00:01:00.000Z', tooMany: false },
    ],
    [
      'is counted from the last start',
      cronJob('* * * * *', {}, { lastScheduleTime: '2026-01-01T00:05:00Z' }),
      '2026-01-01T00:05:59Z',
      { time: undefined, tooMany: false },
    ],
    [
      'is not one that is over for good',
      cronJob('0 * * * *', { startingDeadlineSeconds: 60 }),
      '2026-01-01T01:05:00Z',
      { time: undefined, tooMany: false },
    ],
    [
      'is the last of too many',
      cronJob('* * * * *'),
      '2026-01-02T00:00:30Z',
      { time: '2026-01-02T00:00:00.000Z', tooMany: true },
    ],
  ])('%s', (_, of, now, expected) => {
    expect(missed(of, now)).toEqual(expected);
  });

  it('lies between the last start and now, and nothing between it and now', () => {
    const schedules = fc.constantFrom('* * * * *', '*/7 * * * *', '0 */3 * * *', '15 4 * * 1', '0 0 1 * *');
    fc.assert(
      fc.property(schedules, fc.nat({ max: 60 * 24 * 90 }), (schedule, minutes) => {
        const of = cronJob(schedule);
        const now = new Date(Date.parse('2026-01-01T00:00:30Z') + minutes * 60_000);
        const { time } = latestMissed(of, now);
        const next = parseSchedule(of).next(time ?? new Date(of.metadata.creationTimestamp!));
        expect(next!.getTime()).toBeGreaterThan(now.getTime());
        if (time) expect(time.getTime()).toBeLessThanOrEqual(now.getTime());
      }),
      { numRuns: 40 },
    );
  });
});

describe('what a start is called', () => {
  it('is its minute', () => {
    expect(jobNameFor(cronJob('* * * * *'), new Date('2026-01-01T00:01:00Z'))).toBe('tick-29453761');
  });

  it.each([
    ['UTC', '2026-07-01T07:00:00Z'],
    ['Europe/Berlin', '2026-07-01T09:00:00+02:00'],
    ['America/New_York', '2026-07-01T03:00:00-04:00'],
    ['Asia/Kolkata', '2026-07-01T12:30:00+05:30'],
  ])('is its time in %s', (zone, expected) => {
    expect(formatTimeIn(zone, new Date('2026-07-01T07:00:00Z'))).toBe(expected);
  });

  it('knows which zones there are', () => {
    expect([isTimeZone('Europe/Berlin'), isTimeZone('Middle/Earth')]).toEqual([true, false]);
  });
});

describe('the history of a cron job', () => {
  const job = (name: string, startTime: string, type?: string): Job =>
    ({
      metadata: { name },
      status: { startTime, ...(type ? { conditions: [{ type, status: 'True' }] } : {}) },
    }) as unknown as Job;
  const jobs = [
    job('c', '2026-01-01T00:03:00Z', 'Complete'),
    job('a', '2026-01-01T00:01:00Z', 'Complete'),
    job('b', '2026-01-01T00:02:00Z', 'Failed'),
    job('d', '2026-01-01T00:04:00Z', 'Failed'),
    job('e', '2026-01-01T00:00:00Z'),
  ];

  it.each([
    [{}, ['b']],
    [{ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 2 }, ['a']],
    [{ successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 }, ['a', 'c', 'b', 'd']],
  ])('with %j loses its oldest', (limits, expected) => {
    expect(planHistory(cronJob('* * * * *', limits), jobs).map(({ metadata }) => metadata.name)).toEqual(expected);
  });
});
