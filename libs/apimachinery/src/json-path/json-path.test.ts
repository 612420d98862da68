import { describe, expect, it } from 'vitest';
import { JsonPath } from './json-path.ts';
import { JsonPathError } from './parse-json-path.ts';

const object = {
  metadata: { name: 'a', annotations: { 'x/y.z': '1' } },
  spec: {
    list: [
      { n: 1, k: 'a' },
      { n: 2, k: 'b' },
    ],
    map: { a: 1, b: 2 },
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
};

describe('a JSONPath', () => {
  it.each<[string, unknown[]]>([
    ['.metadata.name', ['a']],
    [".metadata.annotations['x/y.z']", ['1']],
    ['.metadata.annotations.x/y\\.z', ['1']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    ['.status.conditions[?(@.type!="Ready")].status', ['False']],
    ['.spec.list[?(@.n>1)].k', ['b']],
    ['.spec.list[?(@.k)].n', [1, 2]],
    ['.spec.list[0].n', [1]],
    ['.spec.list[-1].n', [2]],
    ['.spec.list[*].k', ['a', 'b']],
    ['.spec.list[0:1].k', ['a']],
    ['.spec.list[0,1].k', ['a', 'b']],
    ['.spec.map.*', [1, 2]],
    ['..n', [1, 2]],
    ['.spec.missing.deeper', []],
    ['.spec.list[7]', []],
    ['.constructor', []],
  ])('%s', (path, values) => {
    expect(new JsonPath(path).find(object)).toEqual(values);
  });

  it.each(['spec', '.a[', '.a[x]', '.a[?(b)]'])('%s is none', (path) => {
    expect(() => new JsonPath(path)).toThrow(JsonPathError);
  });
});
