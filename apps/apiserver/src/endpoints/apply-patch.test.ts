import { schemaFor } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import type { ApiRequest } from '../request.ts';
import { jsonPatcher } from './apply-patch.ts';
import type { JsonPatchType } from './patch-mechanism.ts';

const live = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { k: 'v' } };

function patchedWith(
  type: JsonPatchType,
  text: string,
  fieldValidation: 'Warn' | 'Strict',
  warnings = new Set<string>(),
): unknown {
  const target = {
    ...{ schema: schemaFor('', 'v1', 'ConfigMap')!, kind: 'ConfigMap', apiVersion: 'v1', name: 'a' },
    resource: { group: '', resource: 'configmaps' },
  };
  const options = { dryRun: false, fieldManager: 'test', fieldValidation, force: false };
  const request = { warnings } as unknown as ApiRequest;
  return jsonPatcher(type, text, { target, options, request })(live);
}

const patched = (type: JsonPatchType, patch: unknown) => patchedWith(type, JSON.stringify(patch), 'Warn');

describe('a patch', () => {
  it.each([
    [
      'json',
      [{ op: 'replace', path: '/kind', value: 'Pod' }],
      'converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    ],
    [
      'json',
      [{ op: 'replace', path: '/apiVersion', value: 'v2' }],
      'no kind "ConfigMap" is registered for version "v2" in scheme',
    ],
    ['merge', { kind: 'Pod' }, 'converting (v1.Pod) to (core.ConfigMap): unknown conversion'],
  ] as const)('of type %s cannot turn an object into another kind: %j', (type, patch, why) => {
    expect(() => patched(type, patch)).toThrow(/^ "" is invalid: patch: Invalid value: "\{\\"apiVersion\\":/);
    expect(() => patched(type, patch)).toThrow(why);
  });

  it('of type strategic says nothing about the kind', () => {
    expect(patched('strategic', { kind: 'Pod', apiVersion: 'apps/v1' })).toEqual(live);
  });

  it.each([
    [
      'json',
      [{ op: 'add', path: '/data/a', value: 1 }],
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      'merge',
      { data: [] },
      'json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string',
    ],
    ['strategic', { data: { a: 1 } }, '"map[data:map[a:1]]": cannot convert int64 to string'],
    ['strategic', { data: { a: true } }, '"map[data:map[a:true]]": unrecognized type: string'],
    ['strategic', { data: 'a' }, '"map[data:a]": cannot restore map from string'],
    ['strategic', { metadata: 'a' }, '"map[metadata:a]": cannot restore struct from: string'],
    [
      'strategic',
      { metadata: { creationTimestamp: 5 } },
      'map[creationTimestamp:5]]": json: cannot unmarshal number into Go value of type string',
    ],
    ['strategic', { immutable: 'a' }, '"map[immutable:a]": unrecognized type: bool'],
  ] as const)('of type %s does not fit: %j', (type, patch, why) => {
    expect(() => patched(type, patch)).toThrow(why);
  });

  it.each([
    ['merge', '{"data":{"a":"b","a":"c"},"foo":1}', 'duplicate field "data.a"', 'unknown field "foo"'],
    [
      'json',
      '[{"op":"add","path":"/foo","value":1,"path":"/foo","x":1}]',
      'json patch duplicate field "[0].path"',
      'json patch unknown field "[0].x"',
      'unknown field "foo"',
    ],
    ['strategic', '{"data":{"a":"b","a":"c"},"foo":1}', 'duplicate field "data.a"', 'unknown field "foo"'],
  ] as const)('of type %s is strict about %s', (type, text, ...errors) => {
    expect(() => patchedWith(type, text, 'Strict')).toThrow(`strict decoding error: ${errors.join(', ')}`);
    const warnings = new Set<string>();
    patchedWith(type, text, 'Warn', warnings);
    expect([...warnings]).toEqual(errors);
  });

  it('that removes kind and apiVersion leaves them as they were', () => {
    expect(patched('merge', { kind: null, apiVersion: null })).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
  });

  it('changes what it names and leaves the live object alone', () => {
    expect(patched('merge', { data: { k: 'w' } })).toMatchObject({ data: { k: 'w' } });
    expect(live.data.k).toBe('v');
  });
});
