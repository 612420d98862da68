import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepClone } from './deep-clone.ts';
import { deepEqual } from './deep-equal.ts';
import { deletePath, getPath, setPath } from './path.ts';

describe('deepEqual', () => {
  it('ignores the order of keys and minds the order of items', () => {
    expect(deepEqual({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(deepEqual([1, 2], [2, 1])).toBe(false);
  });

  it('takes undefined for absent and null for a value', () => {
    expect(deepEqual({ a: undefined, b: 1 }, { b: 1 })).toBe(true);
    expect(deepEqual({ a: undefined }, { b: 1 })).toBe(false);
    expect(deepEqual({ a: null }, {})).toBe(false);
  });

  it('tells lists from objects and inherited names from own ones', () => {
    expect(deepEqual([], {})).toBe(false);
    expect(deepEqual({ toString: 1 }, { x: 1 })).toBe(false);
    expect(deepEqual(JSON.parse('{"__proto__":{"a":1}}'), {})).toBe(false);
    expect(deepEqual(JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}'))).toBe(true);
  });

  it('agrees with the printed form of any two JSON values', () => {
    const sorted = (value: unknown): string =>
      JSON.stringify(value, (_, each) =>
        each && typeof each === 'object' && !Array.isArray(each)
          ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
          : each,
      );
    const small = fc.jsonValue({ maxDepth: 3 });
    fc.assert(fc.property(small, small, (a, b) => deepEqual(a, b) === (sorted(a) === sorted(b))));
  });
});

describe('deepClone', () => {
  it('copies any JSON value, __proto__ keys included', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => deepEqual(deepClone(value), value)));
    const hostile = JSON.parse('{"__proto__":{"polluted":true}}');
    const copy = deepClone(hostile);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"polluted":true}}');
    expect(copy.polluted).toBeUndefined();
  });
});

describe('paths', () => {
  it('sets without touching the original and shares what lies beside', () => {
    const before = { a: { b: 1 }, c: { d: [1, 2] } };
    const after = setPath(before, ['c', 'd', 1], 3);
    expect(after).toEqual({ a: { b: 1 }, c: { d: [1, 3] } });
    expect(before.c.d).toEqual([1, 2]);
    expect(after.a).toBe(before.a);
    expect(setPath({}, ['x', 'y'], 1)).toEqual({ x: { y: 1 } });
  });

  it('deletes, and returns the original when nothing is there', () => {
    const before = { a: { b: 1, c: 2 }, l: [1, 2] };
    expect(deletePath(before, ['a', 'b'])).toEqual({ a: { c: 2 }, l: [1, 2] });
    expect(deletePath(before, ['l', 0])).toEqual({ a: { b: 1, c: 2 }, l: [2] });
    expect(deletePath(before, ['a', 'x'])).toBe(before);
  });

  it('does not read inherited names', () => {
    expect(getPath({}, ['constructor', 'name'])).toBeUndefined();
    expect(JSON.stringify(setPath({}, ['__proto__', 'a'], 1))).toBe('{"__proto__":{"a":1}}');
  });
});
