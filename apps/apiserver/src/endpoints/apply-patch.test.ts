import { schemaFor } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import type { ApiRequest } from '../request.ts';
import { jsonPatcher, type PatchType } from './apply-patch.ts';

const live = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { k: 'v' } };

function patched(type: Exclude<PatchType, 'apply'>, patch: unknown): unknown {
  const target = {
    ...{ schema: schemaFor('', 'v1', 'ConfigMap')!, group: '', kind: 'ConfigMap', apiVersion: 'v1', name: 'a' },
    resource: { group: '', resource: 'configmaps' },
  };
  const options = { dryRun: false, fieldManager: 'test', fieldValidation: 'Warn', force: false } as const;
  const request = { warnings: new Set<string>() } as unknown as ApiRequest;
  return jsonPatcher(type, JSON.stringify(patch), { target, options, request })(live);
}

describe('a patch', () => {
  it.each([
    ['json', [{ op: 'replace', path: '/kind', value: 'Pod' }]],
    ['json', [{ op: 'replace', path: '/apiVersion', value: 'v2' }]],
    ['merge', { kind: 'Pod' }],
    ['strategic', { apiVersion: 'apps/v1' }],
  ] as const)('of type %s cannot turn an object into another kind: %j', (type, patch) => {
    expect(() => patched(type, patch)).toThrow(/ConfigMap "a" is invalid: patch: Invalid value/);
  });

  it('that removes kind and apiVersion leaves them as they were', () => {
    expect(patched('merge', { kind: null, apiVersion: null })).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
  });

  it('changes what it names and leaves the live object alone', () => {
    expect(patched('merge', { data: { k: 'w' } })).toMatchObject({ data: { k: 'w' } });
    expect(live.data.k).toBe('v');
  });
});
