import { describe, expect, test } from 'vitest';
import type { Container, Pod } from '@pilothouse/api';
import { planEnv } from './container-env.ts';
import type { LookupResult, ObjectLookup } from './object-lookup.ts';

const host = { nodeName: 'node-1', hostIPs: ['192.0.2.1'], allocatable: { cpu: '4', memory: '8Gi' } };
const OBJECTS: Record<string, LookupResult> = {
  'configmap/settings': { state: 'found', data: { A: '1', B: '2' } },
  'secret/login': { state: 'found', data: { password: 'hunter2' } },
  'configmap/slow': { state: 'pending' },
};
const lookup: ObjectLookup = (kind, _, name) =>
  OBJECTS[`${kind}/${name}`] ?? { state: 'failed', notFound: true, message: `${kind} "${name}" not found` };

function resolve(container: Partial<Container>) {
  const main = { name: 'main', ...container };
  const pod: Pod = {
    metadata: { name: 'web', namespace: 'default', uid: 'u', labels: { app: 'x', tier: 'y' } },
    spec: { containers: [main], serviceAccountName: 'sa' },
  };
  return planEnv(pod, main, ['10.0.0.7'], host, lookup);
}
const value = (env: NonNullable<Container['env']>[number], container: Partial<Container> = {}) => {
  const result = resolve({ ...container, env: [env] });
  return result.state === 'ready' ? result.env[env.name] : result;
};

describe('the environment of a container', () => {
  test('has envFrom before env, later over earlier, and references to what came before', () => {
    const result = resolve({
      envFrom: [{ configMapRef: { name: 'settings' } }, { prefix: 'DB_', secretRef: { name: 'login' } }],
      env: [
        { name: 'B', value: 'own' },
        { name: 'C', value: '$(A)-$(B)-$(D)-$$(A)' },
        { name: 'D', value: 'late' },
      ],
    });
    expect(result).toMatchObject({
      state: 'ready',
      env: { A: '1', B: 'own', C: '1-own-$(D)-$(A)', DB_password: 'hunter2', HOSTNAME: 'web' },
    });
  });

  test.each([
    ['metadata.name', 'web'],
    ['metadata.namespace', 'default'],
    ["metadata.labels['app']", 'x'],
    ["metadata.annotations['none']", ''],
    ['spec.nodeName', 'node-1'],
    ['spec.serviceAccountName', 'sa'],
    ['status.podIP', '10.0.0.7'],
    ['status.hostIP', '192.0.2.1'],
  ])('from the field %s', (fieldPath, expected) => {
    expect(value({ name: 'X', valueFrom: { fieldRef: { fieldPath } } })).toBe(expected);
  });

  test.each([
    ['limits.cpu', undefined, '4'],
    ['limits.memory', '1Mi', '8192'],
    ['requests.cpu', '1m', '250'],
    ['requests.memory', undefined, '0'],
  ])('from the resource %s in units of %s', (resource, divisor, expected) => {
    const valueFrom = { resourceFieldRef: { resource, ...(divisor ? { divisor } : {}) } };
    expect(value({ name: 'X', valueFrom }, { resources: { requests: { cpu: '250m' } } })).toBe(expected);
  });

  test.each([
    [{ configMapKeyRef: { name: 'nowhere', key: 'A' } }, { state: 'failed', message: 'configmap "nowhere" not found' }],
    [{ secretKeyRef: { name: 'nowhere', key: 'A' } }, { state: 'failed', message: 'secret "nowhere" not found' }],
    [
      { configMapKeyRef: { name: 'settings', key: 'Z' } },
      { state: 'failed', message: "couldn't find key Z in ConfigMap default/settings" },
    ],
    [
      { secretKeyRef: { name: 'login', key: 'Z' } },
      { state: 'failed', message: "couldn't find key Z in Secret default/login" },
    ],
    [{ configMapKeyRef: { name: 'slow', key: 'A' } }, { state: 'pending' }],
    [{ configMapKeyRef: { name: 'nowhere', key: 'A', optional: true } }, undefined],
    [{ secretKeyRef: { name: 'login', key: 'Z', optional: true } }, undefined],
  ])('from %j', (valueFrom, expected) => {
    expect(value({ name: 'X', valueFrom })).toEqual(expected);
  });
});
