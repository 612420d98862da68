import type { StorageVersionMigration } from '@pilothouse/api';
import { expect, it } from 'vitest';
import { cellsOf, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { storageVersionMigration as kind } from './storage-version-migration.ts';

const condition = (type: string, status = 'True') => ({
  type,
  status,
  lastTransitionTime: '2026-05-01T12:00:00Z',
  reason: 'Because',
  message: '',
});
const example = (...types: string[]): StorageVersionMigration => ({
  metadata: { name: 'a' },
  spec: { resource: { group: 'apps', resource: 'deployments' } },
  status: { conditions: types.map((type) => condition(type)) },
});

it('is of one resource, always', () => {
  expect(problemsOnCreate(kind, { metadata: { name: 'a' }, spec: { resource: { group: '', resource: '' } } })).toEqual([
    'spec.resource.resource: Required value: resource is required',
  ]);
  expect(
    problemsOnUpdate(kind, example(), ({ spec }) => (spec.resource = { group: '', resource: 'pods' })),
  ).toHaveLength(1);
});

it('ends in one way, once', () => {
  const to = (old: StorageVersionMigration, ...types: string[]): string[] =>
    problemsOnUpdate(kind, old, (each) => (each.status = example(...types).status!), 'status').map((text) =>
      text.slice(text.lastIndexOf(': ') + 2),
    );
  expect(to(example('Running'), 'Succeeded')).toEqual([]);
  expect(to(example('Running'), 'Succeeded', 'Running')).toEqual([
    'Running condition cannot be true when success condition is true',
  ]);
  expect(to(example(), 'Succeeded', 'Failed')).toEqual([
    'Both success and failed conditions cannot be true at the same time',
  ]);
  expect(to(example('Succeeded'))).toEqual(['Success condition cannot be set to false once it is true']);
});

it('prints where it stands', () => {
  expect(cellsOf(kind.columns, example('Succeeded'))).toEqual(['a', 'deployments.apps', 'Succeeded']);
  expect(cellsOf(kind.columns, example())).toEqual(['a', 'deployments.apps', 'Unknown']);
});
