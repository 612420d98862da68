import { FakeClock } from '@pilothouse/component';
import { expect, it } from 'vitest';
import { BookmarkSchedule } from './bookmark-schedule.ts';

it('sends about one a minute, and stops when the watch is over', () => {
  const clock = new FakeClock();
  const sent: number[] = [];
  const schedule = new BookmarkSchedule(clock, () => 0);
  const remove = schedule.add(() => sent.push(clock.monotonicMs()), undefined);
  clock.step(125_000);
  expect(sent).toEqual([60_000, 120_000]);
  remove();
  clock.step(120_000);
  expect(sent).toHaveLength(2);
  expect(clock.pendingTimers).toBe(0);
});

it('spreads them, up to a quarter earlier', () => {
  const clock = new FakeClock();
  const sent: number[] = [];
  new BookmarkSchedule(clock, () => 1).add(() => sent.push(clock.monotonicMs()), undefined);
  clock.step(46_000);
  expect(sent).toEqual([45_000]);
});

it('sends the last one two seconds before the request ends', () => {
  const clock = new FakeClock();
  const sent: number[] = [];
  new BookmarkSchedule(clock, () => 0).add(() => sent.push(clock.monotonicMs()), 30_000);
  clock.step(59_000);
  expect(sent).toEqual([28_000]);
});
