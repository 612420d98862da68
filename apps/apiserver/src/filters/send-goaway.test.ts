import { describe, expect, test } from 'vitest';
import type { ApiRequest } from '../request.ts';
import { sendGoaway } from './send-goaway.ts';

/** How often the connection was told to go away in requests with these throws of the dice. */
async function goaways(chance: number, httpVersionMajor: number, dice: number[]): Promise<number> {
  let closed = 0;
  const http = { httpVersionMajor, stream: { session: { close: () => closed++ } } };
  const filter = sendGoaway(chance, () => dice.shift()!);
  let served = 0;
  const requests = dice.length;
  for (let i = 0; i < requests; i++) {
    await filter({ http } as unknown as ApiRequest, () => {
      served++;
      return Promise.resolve();
    });
  }
  expect(served).toBe(requests);
  return closed;
}

describe('--goaway-chance', () => {
  test.each([
    [0.01, 2, 1],
    [0.02, 2, 2],
    [0, 2, 0],
    [0.02, 1, 0],
  ])('of %d ends connections of HTTP/%d %d times, and every request is served', async (chance, version, times) => {
    expect(await goaways(chance, version, [0.005, 0.5, 0.015, 0.99])).toBe(times);
  });

  test.each([-0.01, 0.03, Number.NaN])('cannot be %d', (chance) => {
    expect(() => sendGoaway(chance, () => 0)).toThrow('--goaway-chance can not be less than 0 or greater than 0.02');
  });
});
