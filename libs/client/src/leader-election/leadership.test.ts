import { expect, it } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { Leadership, NotLeadingError } from './leadership.ts';

it('is held until its moment, by the clock alone', async () => {
  const clock = new FakeClock('2030-01-01T00:00:00Z');
  const leadership = new Leadership(clock);
  expect(() => leadership.require()).toThrow(NotLeadingError);
  leadership.holdUntil(clock.monotonicMs() + 1_000);
  leadership.require();
  await clock.run(999);
  expect(leadership.held).toBe(true);
  await clock.run(1);
  expect(leadership.held).toBe(false);
});

it('is over when it is given up', () => {
  const clock = new FakeClock('2030-01-01T00:00:00Z');
  const leadership = new Leadership(clock);
  leadership.holdUntil(clock.monotonicMs() + 1_000);
  leadership.end();
  expect(() => leadership.require()).toThrow('lease is not held');
});
