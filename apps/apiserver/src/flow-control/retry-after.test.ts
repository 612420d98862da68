import { expect, it } from 'vitest';
import { RetryAfter } from './retry-after.ts';

it('sends clients away for longer while many are refused, and for less when few are', () => {
  const retryAfter = new RetryAfter();
  const refuse = (second: number, times: number): number => {
    for (let i = 0; i < times; i++) retryAfter.refused(second * 1000);
    return retryAfter.seconds;
  };
  expect(refuse(100, 50)).toBe(1);
  expect(refuse(101, 50)).toBe(2);
  // Not again for the same burst.
  expect(refuse(102, 50)).toBe(2);
  expect(refuse(103, 50)).toBe(4);
  for (let second = 104; second < 200; second++) refuse(second, 100);
  expect(retryAfter.seconds).toBe(32);
  for (let second = 300; second < 400; second += 40) refuse(second, 1);
  expect(retryAfter.seconds).toBe(29);
});
