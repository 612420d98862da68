import { expect, test } from 'vitest';
import { shareParameters } from './share-parameters.ts';

const watch = { in: 'query', name: 'watch', type: 'boolean' };
const dryRun = { in: 'query', name: 'dryRun', type: 'string' };
const name = { in: 'path', name: 'name', type: 'string', required: true };
const pod = { in: 'body', name: 'body', schema: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } };
const patch = {
  in: 'body',
  name: 'body',
  schema: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Patch' },
};

test('names a parameter by what it says, and refers to it from paths and operations', () => {
  const paths = {
    '/pods': { get: { parameters: [{ ...watch }] } },
    '/pods/{name}': {
      parameters: [name, { ...watch }],
      patch: { parameters: [patch, dryRun] },
      put: { parameters: [pod] },
    },
    '/nodes': { get: { parameters: [{ ...watch, description: 'another' }] }, head: {} },
  };
  const shared = shareParameters(paths);
  const keys = Object.keys(shared);
  expect(keys.map((key) => key.replace(/-.*/, ''))).toEqual(['body', 'watch', 'watch']);
  for (const key of keys) expect(key).toMatch(/^[a-z]+-[\w-]{8}$/);
  const at = (value: object) => {
    const found = keys.find((key) => JSON.stringify(shared[key]) === JSON.stringify(value));
    return { $ref: `#/parameters/${found}` };
  };
  expect(paths['/pods'].get.parameters).toEqual([at(watch)]);
  expect(paths['/pods/{name}'].parameters).toEqual([name, at(watch)]);
  expect(paths['/pods/{name}'].patch.parameters).toEqual([at(patch), dryRun]);
  expect(paths['/pods/{name}'].put.parameters).toEqual([pod]);
  expect(paths['/nodes'].get.parameters).toEqual([at({ ...watch, description: 'another' })]);
});
