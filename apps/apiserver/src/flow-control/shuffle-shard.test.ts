import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dealHand } from './shuffle-shard.ts';

describe('a hand', () => {
  it('has as many different queues as it should, all of the deck, and always the same ones', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 512 }), fc.integer({ min: 1, max: 8 }), (flow, deck, size) => {
        const hand = dealHand(flow, deck, size);
        expect(new Set(hand).size).toBe(Math.min(size, deck));
        for (const card of hand) expect(card >= 0 && card < deck).toBe(true);
        expect(dealHand(flow, deck, size)).toEqual(hand);
      }),
    );
  });

  it('uses every queue about equally often', () => {
    const dealt = new Array<number>(64).fill(0);
    for (let flow = 0; flow < 2_000; flow++) for (const card of dealHand(`flow ${flow}`, 64, 6)) dealt[card]!++;
    // 187.5 are expected; five standard deviations around it.
    for (const times of dealt) expect(Math.abs(times - 187.5)).toBeLessThan(70);
  });
});
