import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deepEqual } from '../deep/deep-equal.ts';
import { isJsonObject } from '../deep/own-property.ts';
import { applyMergePatch, decodeMergePatch } from './merge-patch.ts';

it.each<[object, Record<string, unknown>, object]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{ a: 'x' }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
])('%j patched with %j is %j', (original, patch, expected) => {
  const before = structuredClone(original);
  expect(applyMergePatch(original, patch)).toEqual(expected);
  expect(original).toEqual(before);
});

it('shares what the patch leaves alone', () => {
  const original = { a: { x: 1 }, b: { y: 1 } };
  expect(applyMergePatch(original, { a: { x: 2 } }).b).toBe(original.b);
});

it('only takes objects', () => {
  expect(() => decodeMergePatch(null)).toThrow('Invalid JSON Patch');
  expect(() => decodeMergePatch([])).toThrow('cannot unmarshal array');
});

const tree = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.array(fc.integer(), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('value'), { maxKeys: 4 }),
})).object;

it('a computed difference leads from one document to the other', () => {
  const diff = (from: Record<string, unknown>, to: Record<string, unknown>): Record<string, unknown> => {
    const entries: [string, unknown][] = [];
    for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) entries.push([key, null]);
    for (const key of Object.keys(to)) {
      const [a, b] = [Object.hasOwn(from, key) ? from[key] : undefined, to[key]];
      if (isJsonObject(a) && isJsonObject(b)) entries.push([key, diff(a, b)]);
      else if (!deepEqual(a, b)) entries.push([key, b]);
    }
    return Object.fromEntries(entries);
  };
  fc.assert(fc.property(tree, tree, (from, to) => deepEqual(applyMergePatch(from, diff(from, to)), to)));
});
