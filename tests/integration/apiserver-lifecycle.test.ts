import { once } from 'node:events';
import { connect } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { configmaps } from '@pilothouse/api';
import { clientFromKubeconfig } from '@pilothouse/client';
import { readKubeconfigFile } from '@pilothouse/pki';
import { startApiserver, startEtcd, type RunningApiserver, type RunningEtcd } from '@pilothouse/testing';
import { requestsOf } from './apiserver-requests.ts';
import { WebhookServer } from './webhook-server.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const running: (RunningApiserver | RunningEtcd)[] = [];

afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
});

async function apiserver(options?: Parameters<typeof startApiserver>[0]): Promise<RunningApiserver> {
  const server = await startApiserver(options);
  running.push(server);
  return server;
}

describe('a stop', () => {
  it('ends watches politely and everything else within a second or two', async () => {
    const server = await apiserver();
    const client = await clientFromKubeconfig(server.kubeconfig(), { userAgent: 'integration-test/1.0' });
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type } of client.resource(configmaps).watch({ namespace: 'default', resourceVersion: '0' }))
        seen.push(type);
    })();
    await client.resource(configmaps).create({ metadata: { name: 'last', namespace: 'default' } });
    await expect.poll(() => seen).toContain('ADDED');
    const begun = performance.now();
    running.pop();
    await server.stop();
    await watching; // rejects if the stream was cut instead of ended
    expect(performance.now() - begun).toBeLessThan(3_000);
    client.close();
  });

  it('is announced by readiness first, for as long as it is told to wait', async () => {
    const server = await apiserver({ flags: ['--shutdown-delay-duration=5s', '--shutdown-timeout=15s'] });
    const requests = requestsOf(server);
    expect((await requests.get('/readyz')).code).toBe(200);
    running.pop();
    const stopped = server.stop();
    await expect.poll(async () => (await requests.get('/readyz')).code, { timeout: 5_000 }).toBe(500);
    expect((await requests.get('/livez')).code).toBe(200);
    expect((await requests.get(CONFIG_MAPS)).code).toBe(200);
    await stopped;
    requests.close();
  });
});

it('does not wait for a client that has stopped reading', { timeout: 60_000 }, async () => {
  const server = await apiserver({ flags: ['--shutdown-timeout=40s'] });
  const requests = requestsOf(server);
  const data = { text: 'x'.repeat(500_000) };
  for (const name of ['a', 'b', 'c']) await requests.post(CONFIG_MAPS, { metadata: { name }, data });
  const { caPem, clientCertPem, clientKeyPem } = readKubeconfigFile(server.kubeconfig());
  const session = connect(server.server, { ca: caPem, cert: clientCertPem, key: clientKeyPem });
  const watch = session.request({ ':path': `${CONFIG_MAPS}?watch=1&resourceVersion=0` });
  // Its answer has begun, and its window fills up.
  await once(watch, 'response');
  running.pop();
  const begun = performance.now();
  await server.stop();
  expect(performance.now() - begun).toBeLessThan(20_000);
  session.destroy();
  requests.close();
});

it('lets a slow request finish when it is told to stop, and is then gone', async () => {
  const hooks = await WebhookServer.start();
  const server = await apiserver({ flags: ['--shutdown-timeout=20s'] });
  const slow = requestsOf(server);
  const asked = Promise.withResolvers<void>();
  const behaviour = () => {
    asked.resolve();
    return { allowed: true, delayMs: 4_000 };
  };
  const configured = await slow.post('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: 'slow' },
    webhooks: [
      {
        name: 'slow.example.com',
        clientConfig: hooks.serve('/slow', behaviour),
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  expect(configured.code, configured.text).toBe(201);
  const creating = slow.post(CONFIG_MAPS, { metadata: { name: 'slow' } });
  await asked.promise;
  running.pop();
  const stopped = server.stop();
  expect((await creating).code).toBe(201);
  await stopped;
  await expect(slow.get('/livez')).rejects.toThrow('ECONNREFUSED');
  slow.close();
  hooks.close();
});

it('forgets a watch with the client that held it', async () => {
  const server = await apiserver();
  const requests = requestsOf(server);
  const open = async () => {
    const { text } = await requests.get('/metrics');
    return Number(
      /^apiserver_longrunning_requests\{verb="WATCH",[^}]*resource="configmaps"[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0,
    );
  };
  const clients = await Promise.all(
    [1, 2].map(() => clientFromKubeconfig(server.kubeconfig(), { userAgent: 'integration-test/1.0' })),
  );
  const leave = new AbortController();
  for (const client of clients) {
    void (async () => {
      const watch = client
        .resource(configmaps)
        .watch({ namespace: 'default', resourceVersion: '0', signal: leave.signal });
      for await (const _event of watch);
    })().catch(() => {});
  }
  await expect.poll(open).toBe(2);
  leave.abort();
  await expect.poll(open).toBe(0);
  for (const client of clients) client.close();
  requests.close();
});

describe('two apiservers on one etcd', () => {
  it('see each other’s writes at once, and are both endpoints of the kubernetes service', async () => {
    const etcd = await startEtcd();
    running.push(etcd);
    const one = await apiserver({ etcd });
    const two = await apiserver({ etcd, pki: one.pki, flags: ['--advertise-address=127.0.0.2'] });
    const [first, second] = [requestsOf(one), requestsOf(two)];
    for (let i = 0; i < 20; i++) {
      await first.post(CONFIG_MAPS, { metadata: { name: `shared-${i}` } });
      expect((await second.get(`${CONFIG_MAPS}/shared-${i}`)).code).toBe(200);
    }
    const { body } = await first.get('/api/v1/namespaces/default/endpoints/kubernetes');
    expect(body.subsets[0].addresses.map(({ ip }: { ip: string }) => ip)).toEqual(['127.0.0.1', '127.0.0.2']);
    running.pop();
    await two.stop();
    const after = await first.get('/api/v1/namespaces/default/endpoints/kubernetes');
    expect(after.body.subsets[0].addresses.map(({ ip }: { ip: string }) => ip)).toEqual(['127.0.0.1']);
    first.close();
    second.close();
  });

  it('give every service an address of its own', async () => {
    const etcd = await startEtcd();
    running.push(etcd);
    const one = await apiserver({ etcd, flags: ['--service-cluster-ip-range=10.9.0.0/27'] });
    const two = await apiserver({ etcd, pki: one.pki, flags: ['--service-cluster-ip-range=10.9.0.0/27'] });
    const both = [requestsOf(one), requestsOf(two)];
    const services = '/api/v1/namespaces/default/services';
    // 30 addresses, one of which the kubernetes service has.
    const answers = await Promise.all(
      Array.from({ length: 29 }, (_, i) =>
        both[i % 2]!.post(services, {
          metadata: { name: `s-${i}` },
          spec: { type: 'NodePort', ports: [{ port: 80 }] },
        }),
      ),
    );
    expect(answers.map(({ code }) => code)).toEqual(Array(29).fill(201));
    expect(new Set(answers.map(({ body }) => body.spec.clusterIP)).size).toBe(29);
    expect(new Set(answers.map(({ body }) => body.spec.ports[0].nodePort)).size).toBe(29);
    const full = await both[0]!.post(services, { metadata: { name: 'one-too-many' }, spec: { ports: [{ port: 80 }] } });
    expect(full.code).toBe(500);
    expect(full.body.message).toContain('failed to allocate a serviceIP: range is full');
    for (const requests of both) requests.close();
  });

  it('find out at the start when a service has lost its address', async () => {
    const etcd = await startEtcd();
    running.push(etcd);
    const one = await apiserver({ etcd });
    const first = requestsOf(one);
    const service = { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } };
    const { body } = await first.post('/api/v1/namespaces/default/services', service);
    const address = `/apis/networking.k8s.io/v1/ipaddresses/${body.spec.clusterIP}`;
    expect((await first.delete(address)).code).toBe(200);
    first.close();
    const two = await apiserver({ etcd, pki: one.pki });
    const second = requestsOf(two);
    const parent = async () => (await second.get(address)).body.spec?.parentRef;
    await expect.poll(parent, { timeout: 5_000 }).toMatchObject({ namespace: 'default', name: 'web' });
    second.close();
  });
});

it('keeps what was acknowledged when it is killed', async () => {
  const etcd = await startEtcd();
  running.push(etcd);
  const before = await startApiserver({ etcd });
  const requests = requestsOf(before);
  const { body } = await requests.post(CONFIG_MAPS, { metadata: { name: 'kept' }, data: { a: 'b' } });
  await before.kill9();
  requests.close();
  const after = await apiserver({ etcd });
  const again = requestsOf(after);
  expect((await again.get(`${CONFIG_MAPS}/kept`)).body).toEqual(body);
  again.close();
});

it('lets requests wait their turn when there are too many at once', async () => {
  const server = await apiserver({
    flags: ['--max-requests-inflight=1', '--token-auth-file=/dev/null'],
    users: [{ name: 'bob', user: 'bob', groups: [] }],
  });
  for (const requests of [requestsOf(server, 'bob'), requestsOf(server)]) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => requests.get('/api/v1/pods')));
    expect(answers.map(({ code }) => code)).toEqual(Array(20).fill(200));
    requests.close();
  }
});
