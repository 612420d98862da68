import { describe, expect, it } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('lets a burst through, then as many as time brings', () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 2, burst: 3, clock });
    const take = () => [1, 2, 3, 4].map(() => bucket.tryTake());
    expect(take()).toEqual([true, true, true, false]);
    clock.step(1000);
    expect(take()).toEqual([true, true, false, false]);
    clock.step(60_000);
    expect(take()).toEqual([true, true, true, false]);
  });

  it('reserves tokens yet to come, each later than the one before', () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 10, burst: 1, clock });
    expect([1, 2, 3].map(() => bucket.reserve())).toEqual([0, 100, 200]);
    clock.step(100);
    expect(bucket.reserve()).toBeCloseTo(200);
  });
});
