import type { PriorityLevelConfigurationSpec } from '@pilothouse/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, nominalLimits, planCurrentSeats, smoothedDemand, type LevelDemand } from './share-seats.ts';

const limited = (shares: number, lendablePercent = 0, borrowingLimitPercent?: number) =>
  ({
    type: 'Limited',
    limited: { nominalConcurrencyShares: shares, lendablePercent, borrowingLimitPercent },
  }) as PriorityLevelConfigurationSpec;

describe('nominal limits', () => {
  it('are in proportion to the shares, rounded up, and bounded by what is lent and borrowed', () => {
    const exempt = { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } };
    const limits = nominalLimits(
      600,
      new Map<string, PriorityLevelConfigurationSpec>([
        ['exempt', exempt],
        ['system', limited(30, 33)],
        ['workload-low', limited(100, 90)],
        ['capped', limited(115, 0, 50)],
      ]),
    );
    expect(Object.fromEntries(limits)).toEqual({
      exempt: { nominal: 0, lower: 0, upper: 600 },
      system: { nominal: 74, lower: 50, upper: 600 },
      'workload-low': { nominal: 245, lower: 24, upper: 600 },
      capped: { nominal: 282, lower: 282, upper: 423 },
    });
  });
});

describe('allocate', () => {
  const claims = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 400 }))
      .map(([a, b, more]) => ({ target: Math.max(a, b), lower: Math.min(a, b), upper: Math.min(a, b) + more })),
    { minLength: 1, maxLength: 9 },
  );

  it('keeps to the bounds, and to the sum where they allow it', () => {
    fc.assert(
      fc.property(claims, fc.integer({ min: 0, max: 3_000 }), (given, sum) => {
        const { seats } = allocate(sum, given);
        seats.forEach((each, i) => {
          expect(each).toBeGreaterThanOrEqual(given[i]!.lower);
          expect(each).toBeLessThanOrEqual(given[i]!.upper);
        });
        const lowest = given.reduce((all, { lower }) => all + lower, 0);
        const highest = given.reduce((all, { upper }) => all + upper, 0);
        const total = seats.reduce((all, each) => all + each, 0);
        expect(total).toBeCloseTo(Math.max(lowest, Math.min(highest, sum)), 4);
      }),
    );
  });

  it('is fair: whoever is at no bound has the same multiple of what it wants', () => {
    const given = [
      { target: 10, lower: 5, upper: 100 },
      { target: 20, lower: 5, upper: 100 },
      { target: 50, lower: 40, upper: 45 },
    ];
    expect(allocate(90, given)).toEqual({ seats: [15, 30, 45], fairFraction: 1.5 });
  });
});

describe('borrowing', () => {
  const level = (over: Partial<LevelDemand>): LevelDemand => ({
    ...{ exempt: false, nominal: 100, lower: 100, upper: 300, highest: 0, smoothed: 0 },
    ...over,
  });

  it('gives a level that wants more what the others have to lend', () => {
    const { current } = planCurrentSeats([
      level({ lower: 20 }),
      level({ lower: 60, highest: 80, smoothed: 70 }),
      level({ highest: 500, smoothed: 400 }),
    ]);
    expect(current[0]! + current[1]! + current[2]!).toBe(300);
    // Whoever lends keeps what it has used of late.
    expect(current[1]).toBeGreaterThanOrEqual(80);
    expect(current[2]).toBeGreaterThan(150);
    // And what is not to be lent stays.
    expect(current[0]).toBeGreaterThanOrEqual(20);
  });

  it('divides less when exempt traffic takes much, but never below what levels keep', () => {
    const busy = { highest: 100, smoothed: 100 };
    const { current } = planCurrentSeats([
      level({ exempt: true, nominal: 0, lower: 0, smoothed: 130 }),
      level({ lower: 50, ...busy }),
      level({ lower: 20, ...busy }),
    ]);
    expect(current[1]).toBeGreaterThanOrEqual(50);
    expect(current[2]).toBeGreaterThanOrEqual(20);
    expect(current[1]! + current[2]!).toBeLessThan(200);
  });

  it('forgets demand slowly and learns of it at once', () => {
    expect(smoothedDemand(0, { average: 40, deviation: 2 })).toBe(42);
    expect(smoothedDemand(100, { average: 0, deviation: 0 })).toBeCloseTo(97.7);
  });
});
