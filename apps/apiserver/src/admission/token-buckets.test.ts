import type { Clock } from '@pilothouse/component';
import { expect, test } from 'vitest';
import { TokenBuckets } from './token-buckets.ts';

let nowMs = 0;
const clock = { monotonicMs: () => nowMs } as Clock;

test('tokens of a key run out and come back, up to the burst', () => {
  const buckets = new TokenBuckets(2, 3, 10, clock);
  const taken = () => Array.from({ length: 4 }, () => buckets.take('a'));
  expect(taken()).toEqual([true, true, true, false]);
  expect(buckets.take('b')).toBe(true);
  nowMs += 500;
  expect(taken()).toEqual([true, false, false, false]);
  nowMs += 60_000;
  expect(taken()).toEqual([true, true, true, false]);
});

test('the key that was used least recently is forgotten first', () => {
  const buckets = new TokenBuckets(1, 1, 2, clock);
  for (const key of ['a', 'b', 'a', 'c']) buckets.take(key);
  expect(['a', 'b'].map((key) => buckets.take(key))).toEqual([false, true]);
});
