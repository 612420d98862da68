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
  [
    {
      storageVersions: [server('a')],
      commonEncodingVersion: 'v1',
      conditions: [{ type: 'AllEncodingVersionsEqual', status: '', reason: '', message: '' }],
    },
    [
      'status[0].status: Invalid value: "AllEncodingVersionsEqual": name part must be non-empty',
      "status[0].status: Invalid value: \"AllEncodingVersionsEqual\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'status[0].reason: Required value: reason cannot be empty',
      'status[0].message: Required value: message cannot be empty',
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
