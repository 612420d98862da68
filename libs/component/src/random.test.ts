import { describe, expect, it } from 'vitest';
import { seededRandom, systemRandom } from './random.ts';

describe('seededRandom', () => {
  it('repeats itself from the same seed, and differs from another', () => {
    const draw = (seed: number): string => {
      const random = seededRandom(seed);
      return [random.uuid(), random.suffix(5), random.int(1000), random.next()].join(' ');
    };
    expect(draw(7)).toBe(draw(7));
    expect(draw(7)).not.toBe(draw(8));
  });

  it('makes version 4 UUIDs', () => {
    expect(seededRandom(1).uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('suffix', () => {
  it('uses only letters and digits that form no word and look like no other', () => {
    for (let i = 0; i < 200; i++) expect(systemRandom().suffix(5)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });
});
