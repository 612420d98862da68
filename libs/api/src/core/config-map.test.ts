import { describe, expect, it } from 'vitest';
import type { ConfigMap } from '@pilothouse/api';
import { cellsOf, exampleMeta, problemsOnCreate, problemsOnUpdate } from './example-objects.ts';
import { configMap } from './config-map.ts';

describe('ConfigMap', () => {
  const map = (change: Partial<ConfigMap> = {}): ConfigMap => ({ metadata: exampleMeta(), ...change });

  it.each<[string, Partial<ConfigMap>, string[]]>([
    [
      'a key that is no file name',
      { data: { 'a b': '' } },
      [
        `data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      ],
    ],
    [
      'a key in both maps',
      { data: { a: '' }, binaryData: { a: '' } },
      ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
    ],
    [
      'more than a mebibyte',
      { data: { a: 'x'.repeat(2 ** 20), b: 'x' } },
      ['[]: Too long: may not be more than 1048576 bytes'],
    ],
    ['just a mebibyte', { binaryData: { a: Buffer.alloc(2 ** 20).toString('base64') } }, []],
  ])('with %s', (_, change, expected) => expect(problemsOnCreate(configMap, map(change))).toEqual(expected));

  it('stays as it is once it is immutable', () => {
    const old = map({ immutable: true, data: { a: '1' } });
    expect(problemsOnUpdate(configMap, old, (each) => (each.metadata.labels = { a: 'b' }))).toEqual([]);
    expect(problemsOnUpdate(configMap, old, (each) => Object.assign(each, { data: {}, immutable: false }))).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  it('shows how many keys it has', () => {
    expect(cellsOf(configMap.columns, map({ data: { a: '', b: '' }, binaryData: { c: '' } }))[1]).toBe(3);
  });
});
