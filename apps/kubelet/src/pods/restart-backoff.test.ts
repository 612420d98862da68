import { describe, expect, test } from 'vitest';
import { backoffLimits, decideRestart, nextDelayMs } from './restart-backoff.ts';

const limits = backoffLimits(1);

describe('the restart back-off', () => {
  test('is upstream’s: at once, then 10 s doubling to 5 min, counted from the end', () => {
    let memory: { delayMs: number; setAtMs: number } | undefined;
    let nowMs = 0;
    const waits: number[] = [];
    for (let exit = 0; exit < 8; exit++) {
      nowMs += 1000;
      const finishedAtMs = nowMs;
      let decision = decideRestart(memory, finishedAtMs, nowMs, limits);
      if ('waitUntilMs' in decision) {
        nowMs = decision.waitUntilMs;
        decision = decideRestart(memory, finishedAtMs, nowMs, limits);
      }
      if ('restart' in decision) memory = decision.restart;
      waits.push(nowMs - finishedAtMs);
    }
    expect(waits).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  test('starts afresh for a container that ran for ten minutes', () => {
    expect(decideRestart({ delayMs: 160_000, setAtMs: 0 }, 600_001, 600_001, limits)).toEqual({
      restart: { delayMs: 10_000, setAtMs: 600_001 },
    });
    expect(decideRestart({ delayMs: 160_000, setAtMs: 0 }, 599_999, 600_000, limits)).toMatchObject({
      delayMs: 160_000,
    });
  });

  test('is shorter with --speed', () => {
    expect([nextDelayMs(undefined, backoffLimits(10)), nextDelayMs(20_000, backoffLimits(10))]).toEqual([1000, 30_000]);
  });
});
