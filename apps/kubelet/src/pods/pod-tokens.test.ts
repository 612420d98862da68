import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Container } from '@pilothouse/api';
import { FakeCluster } from '../testing/fake-cluster.ts';

const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await new FakeCluster().start();
  cluster.createConfigMap('kube-root-ca.crt', { 'ca.crt': 'CERTIFICATE' });
});
afterEach(() => cluster.stop());

/** The volume that admission gives every pod. */
function createPod(container: Partial<Container> = {}): void {
  const sources = [
    { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
  ];
  cluster.createPod('web', {
    volumes: [{ name: 'access', projected: { sources } }],
    container: { volumeMounts: [{ name: 'access', mountPath: MOUNT, readOnly: true }], ...container },
  });
}

const worker = () => cluster.kubelet.podManager.find('default', 'web')!;
const file = (name: string) => cluster.kubelet.runtime.container(worker().uid, 'main')!.files.read(`${MOUNT}/${name}`);
const tokenRequests = () => cluster.requests.filter((request) => request.startsWith('create serviceaccounts'));

describe('the files of a service account', () => {
  test('are there from the start for a command that may read them', async () => {
    createPod({ image: 'busybox', command: ['sleep', '1d'] });
    await cluster.clock.run(1000);
    expect([file('token'), file('ca.crt'), file('namespace')]).toEqual([
      expect.stringMatching(/^token-\d+$/),
      'CERTIFICATE',
      'default',
    ]);
    expect(tokenRequests()).toEqual(['create serviceaccounts default/default/token']);
  });

  test('cost a pod in which nothing reads them no request, until somebody comes to look', async () => {
    createPod();
    await cluster.clock.run(1000);
    expect(tokenRequests()).toEqual([]);
    await worker().showFiles();
    expect(file('token')).toMatch(/^token-\d+$/);
    await worker().showFiles();
    expect(tokenRequests()).toHaveLength(1);
  });

  test('come back after a restart of the kubelet', async () => {
    createPod();
    await cluster.clock.run(1000);
    await cluster.restart();
    await cluster.clock.run(1000);
    await worker().showFiles();
    expect([file('token'), file('ca.crt')]).toEqual([expect.stringMatching(/^token-/), 'CERTIFICATE']);
  });

  test('are renewed when a fifth of the life of the token is left', async () => {
    createPod({ stdin: true });
    await cluster.clock.run(1000);
    const first = file('token');
    await cluster.clock.run(47 * 60_000);
    expect(file('token')).toBe(first);
    await cluster.clock.run(3 * 60_000);
    expect(file('token')).not.toBe(first);
    expect(tokenRequests()).toHaveLength(2);
  });
});
