import { describe, expect, it } from 'vitest';
import { CidrPool } from './plan.ts';

describe('the ranges of nodes', () => {
  it('are given in order, the first free one first, until none is left', () => {
    const pool = new CidrPool('10.244.0.0/22', 24);
    expect(pool.next(new Set())).toBe('10.244.0.0/24');
    expect(pool.next(new Set(['10.244.0.0/24', '10.244.2.0/24']))).toBe('10.244.1.0/24');
    expect(pool.next(new Set([0, 1, 2, 3].map((each) => `10.244.${each}.0/24`)))).toBeUndefined();
  });

  it.each([['fd00::/64'], ['10.0.0.0'], ['10.0.0.300/8'], ['10.0.0.0/28']])('cannot come out of %s', (cidr) => {
    expect(() => new CidrPool(cidr, 24)).toThrow();
  });
});
