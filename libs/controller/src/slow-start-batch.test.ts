import { describe, expect, it } from 'vitest';
import { slowStartBatch } from './slow-start-batch.ts';

describe('slowStartBatch', () => {
  it('doubles the batch and calls every index once', async () => {
    const started: number[] = [];
    let inFlight = 0;
    const batches: number[] = [];
    const result = await slowStartBatch(10, 1, async (index) => {
      started.push(index);
      inFlight++;
      await Promise.resolve();
      if (inFlight > 0) batches.push(inFlight);
      inFlight = 0;
    });
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(batches).toEqual([1, 2, 4, 3]);
    expect(result).toEqual({ successes: 10 });
  });

  it('stops after the first batch with a failure and says how many succeeded', async () => {
    let calls = 0;
    const result = await slowStartBatch(100, 1, async (index) => {
      calls++;
      if (index === 4) throw new Error('quota');
    });
    expect(calls).toBe(7);
    expect(result).toEqual({ successes: 6, error: new Error('quota') });
  });

  it('does nothing for nothing', async () => {
    expect(await slowStartBatch(0, 1, () => Promise.reject(new Error('called')))).toEqual({ successes: 0 });
  });
});
