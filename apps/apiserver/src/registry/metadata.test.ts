import { describe, expect, it } from 'vitest';
import type { KubeObject, ResourceDefinition } from '@pilothouse/apimachinery';
import { dedupeOwners, fillSystemMetadata, matchNamespace, orderMetadata } from './metadata.ts';

const NOW = new Date('2026-01-02T03:04:05.678Z');

describe('fillSystemMetadata', () => {
  it('wipes what only the server may say, and says it', () => {
    const object: KubeObject = {
      metadata: {
        name: 'a',
        uid: 'mine',
        creationTimestamp: '2000-01-01T00:00:00Z',
        deletionTimestamp: '2000-01-01T00:00:00Z',
      },
    };
    fillSystemMetadata(object, NOW);
    expect(object.metadata).toEqual({
      name: 'a',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      creationTimestamp: '2026-01-02T03:04:05Z',
    });
    expect(object.metadata?.uid).not.toBe('mine');
  });

  it('makes a name only when there is none', () => {
    const named: KubeObject = { metadata: { name: 'a', generateName: 'b-' } };
    fillSystemMetadata(named, NOW);
    expect(named.metadata?.name).toBe('a');
    const generated: KubeObject = { metadata: { generateName: `${'long-'.repeat(20)}` } };
    fillSystemMetadata(generated, NOW);
    expect(generated.metadata?.name).toMatch(/^(long-)+.*[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(generated.metadata?.name).toHaveLength(63);
  });
});

describe('matchNamespace', () => {
  const definition = (namespaced: boolean) => ({ namespaced }) as ResourceDefinition;

  it('fills it in from the path, and refuses another', () => {
    const object: KubeObject = { metadata: { name: 'a' } };
    matchNamespace(definition(true), object, 'ns');
    expect(object.metadata).toEqual({ name: 'a', namespace: 'ns' });
    expect(() => matchNamespace(definition(true), object, 'other')).toThrow(
      'does not match the namespace sent on the request',
    );
  });

  it('takes it away from what has none', () => {
    const object: KubeObject = { metadata: { name: 'a', namespace: 'ns' } };
    matchNamespace(definition(false), object, '');
    expect(object.metadata).toEqual({ name: 'a' });
  });
});

it('dedupeOwners names each owner once and says so', () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };
  const object: KubeObject = { metadata: { ownerReferences: [owner, { ...owner }, { ...owner, uid: 'v' }] } };
  const warnings: string[] = [];
  dedupeOwners(object, (text) => warnings.push(text));
  expect(object.metadata?.ownerReferences).toEqual([owner, { ...owner, uid: 'v' }]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('duplicate UID(s) observed: u');
});

it('orderMetadata gives the order in which Kubernetes prints it', () => {
  expect(Object.keys(orderMetadata({ labels: {}, uid: 'u', name: 'a', generation: 1 }))).toEqual([
    'name',
    'uid',
    'generation',
    'labels',
  ]);
});
