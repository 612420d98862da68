import type { StorageVersion } from '@pilothouse/api';
import { expect, it } from 'vitest';
import { cellsOf, problemsOnUpdate } from '../core/example-objects.ts';
import { storageVersion as kind } from './storage-version.ts';

const server = (apiServerID: string, encodingVersion = 'v1') => ({
  apiServerID,
  encodingVersion,
  decodableVersions: [encodingVersion],
});
const example: StorageVersion = { metadata: { name: 'core.pods' }, spec: {}, status: {} };

it.each<[StorageVersion['status'], string[]]>([
  [{ storageVersions: [server('a')], commonEncodingVersion: 'v1' }, []],
  [
    { storageVersions: [server('a')] },
    ['status.commonEncodingVersion: Invalid value: null: the common encoding version is v1'],
  ],
  [
    { storageVersions: [server('a'), server('a')], commonEncodingVersion: 'v2' },
    [
      'status.storageVersions[1].apiServerID: Duplicate value: "a"',
      'status.commonEncodingVersion: Invalid value: "v2": the actual common encoding version is v1',
    ],
  ],
  [
    { storageVersions: [{ ...server('a'), decodableVersions: ['v2'] }], commonEncodingVersion: 'v1' },
    [
      'status.storageVersions[0].decodableVersions: Invalid value: ["v2"]: decodableVersions must include encodingVersion v1',
    ],
  ],
])('%j', (status, problems) => {
  expect(problemsOnUpdate(kind, example, (each) => (each.status = status), 'status')).toEqual(problems);
});

it('is named after its resource', () => {
  expect(kind.strategy!.validateName!('core.pods', false)).toEqual([]);
  expect(kind.strategy!.validateName!('pods', false)).toEqual(['name must be in the form of <group>.<resource>']);
});

it('prints three servers', () => {
  const each = { ...example, status: { storageVersions: ['a', 'b', 'c', 'd'].map((id) => server(id)) } };
  expect(cellsOf(kind.columns, each).slice(1, 3)).toEqual(['<unset>', 'a=v1,b=v1,c=v1 + 1 more...']);
});
