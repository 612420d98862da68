import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';
import { FakeClock } from './fake-clock.ts';
import { seededRandom } from './random.ts';
import { retry } from './retry.ts';

describe('Backoff', () => {
  it('doubles up to its cap, and starts small again after a reset', () => {
    const backoff = new Backoff({ baseMs: 100, capMs: 500, jitter: 0 });
    expect([1, 2, 3, 4, 5].map(() => backoff.nextMs())).toEqual([100, 200, 400, 500, 500]);
    backoff.reset();
    expect(backoff.nextMs()).toBe(100);
  });

  it('never waits less than the step nor as much as the step and its jitter', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 50 }), (seed, steps) => {
        const backoff = new Backoff({ baseMs: 10, capMs: 1000, jitter: 0.2, random: seededRandom(seed) });
        for (let i = 0, step = 10; i < steps; i++, step = Math.min(step * 2, 1000)) {
          const delay = backoff.nextMs();
          expect(delay).toBeGreaterThanOrEqual(step);
          expect(delay).toBeLessThan(step * 1.2);
        }
      }),
    );
  });
});

describe('retry', () => {
  it('waits longer each time, until it succeeds', async () => {
    const clock = new FakeClock();
    const triedAt: number[] = [];
    const result = retry(
      async () => {
        triedAt.push(clock.monotonicMs());
        if (triedAt.length < 4) throw new Error('not yet');
        return 'done';
      },
      { clock, backoff: new Backoff({ baseMs: 100, capMs: 1000, jitter: 0 }) },
    );
    await clock.run(2000);
    await expect(result).resolves.toBe('done');
    expect(triedAt).toEqual([0, 100, 300, 700]);
  });

  it('gives up at once on an error that is final', async () => {
    const clock = new FakeClock();
    const backoff = new Backoff({ baseMs: 100, capMs: 1000 });
    const attempt = retry(() => Promise.reject(new Error('final')), { clock, backoff, retryable: () => false });
    await expect(attempt).rejects.toThrow('final');
  });

  it('stops waiting when its signal aborts', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const backoff = new Backoff({ baseMs: 100, capMs: 1000 });
    const attempt = retry(() => Promise.reject(new Error('no')), { clock, backoff, signal: controller.signal });
    const outcome = expect(attempt).rejects.toThrow('stop');
    await clock.run(0);
    controller.abort(new Error('stop'));
    await outcome;
  });
});
