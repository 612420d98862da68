import { describe, expect, it } from 'vitest';
import { StatusError } from '../errors/status-error.ts';
import { applyJsonPatch, decodeJsonPatch, type JsonPatchOperation } from './json-patch.ts';

const apply = (document: unknown, ...operations: Partial<JsonPatchOperation>[]) =>
  applyJsonPatch(document, operations as JsonPatchOperation[]);

describe('applyJsonPatch', () => {
  it.each<[string, unknown, Partial<JsonPatchOperation>, unknown]>([
    ['adds a property', {}, { op: 'add', path: '/a', value: 1 }, { a: 1 }],
    ['replaces what is there when adding', { a: 1 }, { op: 'add', path: '/a', value: 2 }, { a: 2 }],
    ['inserts into a list', { l: [1, 3] }, { op: 'add', path: '/l/1', value: 2 }, { l: [1, 2, 3] }],
    ['appends', { l: [1] }, { op: 'add', path: '/l/-', value: 2 }, { l: [1, 2] }],
    ['counts from the end', { l: [1, 2] }, { op: 'remove', path: '/l/-1' }, { l: [1] }],
    ['removes', { a: { b: 1, c: 2 } }, { op: 'remove', path: '/a/b' }, { a: { c: 2 } }],
    ['replaces a missing property', {}, { op: 'replace', path: '/a', value: 1 }, { a: 1 }],
    ['replaces the root', { a: 1 }, { op: 'replace', path: '', value: { b: 2 } }, { b: 2 }],
    ['moves', { a: 1 }, { op: 'move', from: '/a', path: '/b' }, { b: 1 }],
    ['copies', { a: [1] }, { op: 'copy', from: '/a', path: '/b' }, { a: [1], b: [1] }],
    ['reads escapes', { 'a/b': 1, 'c~d': 2 }, { op: 'remove', path: '/a~1b' }, { 'c~d': 2 }],
    ['tests', { a: { b: [1] } }, { op: 'test', path: '/a', value: { b: [1] } }, { a: { b: [1] } }],
    ['takes a missing value for null', {}, { op: 'test', path: '/a', value: null }, {}],
    ['adds null', {}, { op: 'add', path: '/a', value: null }, { a: null }],
  ])('%s', (_, document, operation, expected) => expect(apply(document, operation)).toEqual(expected));

  it.each<[string, Partial<JsonPatchOperation>]>([
    ['a failed test', { op: 'test', path: '/a', value: 2 }],
    ['a missing parent', { op: 'add', path: '/x/y', value: 1 }],
    ['a missing property to remove', { op: 'remove', path: '/x' }],
    ['an index out of range', { op: 'add', path: '/l/5', value: 1 }],
    ['a word for an index', { op: 'replace', path: '/l/first', value: 1 }],
    ['an inherited name on the way', { op: 'add', path: '/constructor/x', value: 1 }],
    ['an unknown operation', { op: 'merge', path: '/a' }],
    ['no path', { op: 'add', value: 1 }],
    ['adding the root', { op: 'add', path: '', value: {} }],
  ])('answers 422 to %s and applies nothing', (_, operation) => {
    const document = { a: 1, l: [1] };
    expect(() => apply(document, { op: 'add', path: '/b', value: 1 }, operation)).toThrow(StatusError);
    try {
      apply(document, operation);
    } catch (error) {
      expect((error as StatusError).status).toMatchObject({
        code: 422,
        reason: 'Invalid',
        message: 'the server rejected our request due to an error in our request',
      });
    }
    expect(document).toEqual({ a: 1, l: [1] });
  });

  it('stores __proto__ like any other key', () => {
    const patched = apply({}, { op: 'add', path: '/__proto__', value: { polluted: true } });
    expect(JSON.stringify(patched)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('stops copies that grow exponentially', () => {
    const operations = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
    expect(() => apply({ a: ['x'.repeat(100)] }, ...operations)).toThrow(StatusError);
  });
});

describe('decodeJsonPatch', () => {
  it('wants a list of at most 10,000 operations', () => {
    expect(() => decodeJsonPatch({})).toThrow('error decoding patch: json: cannot unmarshal object into Go value');
    expect(() => decodeJsonPatch([1])).toThrow('cannot unmarshal number');
    expect(() => decodeJsonPatch(Array.from({ length: 10_001 }, () => ({})))).toThrow(
      'The allowed maximum operations in a JSON patch is 10000, got 10001',
    );
  });
});
