import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';
import { WebhookServer, type Behaviour } from './webhook-server.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const GROUP = '/apis/admissionregistration.k8s.io/v1';

let server: RunningApiserver;
let requests: Requests;
let hooks: WebhookServer;

beforeAll(async () => {
  [server, hooks] = await Promise.all([startApiserver(), WebhookServer.start()]);
  requests = requestsOf(server);
});

afterAll(async () => {
  requests?.close();
  hooks?.close();
  await server?.stop();
});

beforeEach(async () => {
  await requests.delete(`${GROUP}/mutatingwebhookconfigurations`);
  await requests.delete(`${GROUP}/validatingwebhookconfigurations`);
});

const ON_CONFIG_MAPS = [
  { operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
];

let serial = 0;

/** Configures one webhook for config maps and returns the path under which its questions are kept. */
async function configure(
  kind: 'Mutating' | 'Validating',
  name: string,
  behaviour: Behaviour,
  fields: object = {},
): Promise<string> {
  const path = `/${name}-${(serial += 1)}`;
  const answer = await requests.post(`${GROUP}/${kind.toLowerCase()}webhookconfigurations`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: `${name}-${serial}` },
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig: hooks.serve(path, behaviour),
        rules: ON_CONFIG_MAPS,
        sideEffects: 'None',
        admissionReviewVersions: ['v1', 'v1beta1'],
        ...fields,
      },
    ],
  });
  expect(answer.code, answer.text).toBe(201);
  return path;
}

const create = (name: string, fields: object = {}, query = '') =>
  requests.post(`${CONFIG_MAPS}${query}`, { metadata: { name }, ...fields });

const setData = (key: string, value: string) => ({ op: 'add', path: `/data/${key}`, value });

describe('a mutating webhook', () => {
  it('changes the object, right after it was configured', async () => {
    await configure('Mutating', 'adder', () => ({
      allowed: true,
      patch: [{ op: 'add', path: '/data', value: { added: 'yes' } }],
    }));
    const { code, body } = await create('mutated');
    expect(code).toBe(201);
    expect(body.data).toEqual({ added: 'yes' });
  });

  it('is told who does what to which object', async () => {
    const path = await configure('Mutating', 'listener', () => ({ allowed: true }));
    await create('told', { data: { a: 'b' } }, '?fieldManager=tester&dryRun=All');
    const [request] = hooks.askedAt(path);
    expect(request).toMatchObject({
      operation: 'CREATE',
      namespace: 'default',
      dryRun: true,
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
      userInfo: { username: 'kubernetes-admin', groups: expect.arrayContaining(['system:authenticated']) },
      object: { kind: 'ConfigMap', apiVersion: 'v1', data: { a: 'b' } },
      oldObject: null,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'tester', dryRun: ['All'] },
    });
  });

  it('sees an object without a name when that is still to be generated, and may give it one', async () => {
    const path = await configure('Mutating', 'namer', () => ({
      allowed: true,
      patch: [{ op: 'add', path: '/metadata/name', value: 'given' }],
    }));
    const { body } = await requests.post(CONFIG_MAPS, { metadata: { generateName: 'made-', uid: 'mine' } });
    const [request] = hooks.askedAt(path);
    expect(request!.name).toBeUndefined();
    expect(request!.object.metadata).toMatchObject({ generateName: 'made-' });
    expect(request!.object.metadata).not.toHaveProperty('creationTimestamp');
    expect(request!.object.metadata).not.toHaveProperty('name');
    expect(request!.object.metadata).not.toHaveProperty('uid');
    expect(body.metadata.name).toBe('given');
    expect(body.metadata.uid).not.toBe('mine');
  });

  it('sees what those before it changed, in order of configuration names', async () => {
    await configure('Mutating', 'b-second', ({ object }) => ({
      allowed: true,
      patch: [setData('order', `${object.data.order}2`)],
    }));
    await configure('Mutating', 'a-first', ({ object }) => ({
      allowed: true,
      patch: [setData('order', `${object.data.order}1`)],
    }));
    expect((await create('ordered', { data: { order: '' } })).body.data.order).toBe('12');
  });

  it('is called again with reinvocationPolicy IfNeeded when a later one changed the object', async () => {
    const path = await configure('Mutating', 'a-again', () => ({ allowed: true }), { reinvocationPolicy: 'IfNeeded' });
    const once = await configure('Mutating', 'b-never', () => ({ allowed: true }));
    await configure('Mutating', 'c-changer', () => ({ allowed: true, patch: [setData('c', 'd')] }));
    await create('again', { data: { a: 'b' } });
    expect(hooks.askedAt(path).map(({ object }) => object.data?.c)).toEqual([undefined, 'd']);
    expect(hooks.askedAt(once)).toHaveLength(1);
  });

  it('that makes the object invalid fails the request with 422', async () => {
    await configure('Mutating', 'spoiler', () => ({
      allowed: true,
      patch: [{ op: 'add', path: '/data', value: { 'bad key': '' } }],
    }));
    const { code, body } = await create('spoiled');
    expect(code).toBe(422);
    expect(body.message).toContain('ConfigMap "spoiled" is invalid: data[bad key]: Invalid value');
  });

  it('hears of a delete, but cannot change anything then', async () => {
    await create('going');
    const path = await configure('Mutating', 'on-delete', () => ({ allowed: true, patch: [setData('a', 'b')] }));
    const { code, body } = await requests.delete(`${CONFIG_MAPS}/going`);
    expect(code).toBe(500);
    expect(body.message).toContain('attempted to modify the object, which is not supported for this operation');
    expect(hooks.askedAt(path)[0]).toMatchObject({
      operation: 'DELETE',
      object: null,
      oldObject: { metadata: { name: 'going' } },
    });
  });

  it('hears of each object of a deleted collection, and of nothing else', async () => {
    await Promise.all(['one', 'two'].map((name) => create(name, { metadata: { name, labels: { batch: 'yes' } } })));
    const path = await configure('Mutating', 'on-delete', () => ({ allowed: true }));
    expect((await requests.delete(`${CONFIG_MAPS}?labelSelector=batch%3Dyes`)).code).toBe(200);
    const asked = hooks.askedAt(path).map(({ operation, name, oldObject }) => ({ operation, name, oldObject }));
    expect(asked.sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''))).toMatchObject(
      ['one', 'two'].map((name) => ({ operation: 'DELETE', name, oldObject: { metadata: { name } } })),
    );
  });
});

describe('a validating webhook', () => {
  it('refuses with its own words, code and reason', async () => {
    await configure('Validating', 'no', () => ({
      allowed: false,
      status: { message: 'not on a Friday', code: 418, reason: 'Teapot' },
    }));
    const { code, body } = await create('refused');
    expect(code).toBe(418);
    expect(body).toMatchObject({
      message: 'admission webhook "no.example.com" denied the request: not on a Friday',
      reason: 'Teapot',
      code: 418,
    });
  });

  it('that refuses without a word is quoted as such', async () => {
    await configure('Validating', 'mute', () => ({ allowed: false }));
    const { code, body } = await create('refused');
    expect(code).toBe(400);
    expect(body.message).toBe('admission webhook "mute.example.com" denied the request without explanation');
  });

  it('sees the object as it will be stored, and the old one on an update', async () => {
    await create('updated', { data: { a: '1' } });
    const path = await configure('Validating', 'watcher', () => ({ allowed: true, warnings: ['careful'] }));
    const { headers } = await requests.patch(`${CONFIG_MAPS}/updated`, 'merge', { data: { a: '2' } });
    expect(headers.warning).toContain('299 - "careful"');
    expect(hooks.askedAt(path)[0]).toMatchObject({
      operation: 'UPDATE',
      object: { data: { a: '2' }, metadata: { uid: expect.any(String) } },
      oldObject: { data: { a: '1' } },
      options: { kind: 'UpdateOptions' },
    });
  });

  it('is not asked when its selectors or rules leave the object out', async () => {
    const path = await configure('Validating', 'picky', () => ({ allowed: false }), {
      objectSelector: { matchLabels: { pick: 'me' } },
    });
    await configure('Validating', 'elsewhere', () => ({ allowed: false }), {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    });
    expect((await create('left-out')).code).toBe(201);
    expect(hooks.askedAt(path)).toHaveLength(0);
    expect((await create('picked', { metadata: { name: 'picked', labels: { pick: 'me' } } })).code).toBe(400);
  });

  it('is never asked about webhook configurations', async () => {
    const everything = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }];
    await configure('Validating', 'lock', () => ({ allowed: false }), { rules: everything });
    expect((await requests.delete(`${GROUP}/validatingwebhookconfigurations`)).code).toBe(200);
    expect((await create('unlocked')).code).toBe(201);
  });

  it('that minds dry runs is asked in one', async () => {
    const path = await configure('Validating', 'minder', () => ({ allowed: true }), { sideEffects: 'NoneOnDryRun' });
    expect((await create('dry', {}, '?dryRun=All')).code).toBe(201);
    expect(hooks.askedAt(path)[0]?.dryRun).toBe(true);
  });
});

describe('a webhook that cannot be asked', () => {
  const nowhere = { clientConfig: { url: 'https://127.0.0.1:1/nowhere' }, timeoutSeconds: 3 };

  it('fails the request with a 500 that says why', async () => {
    await configure('Validating', 'gone', () => ({ allowed: true }), nowhere);
    const { code, body } = await create('unasked');
    expect(code).toBe(500);
    expect(body.message).toBe(
      'Internal error occurred: failed calling webhook "gone.example.com": failed to call webhook: Post "https://127.0.0.1:1/nowhere?timeout=3s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    expect(body.reason).toBe('InternalError');
  });

  it('is passed over with failurePolicy Ignore', async () => {
    await configure('Mutating', 'gone', () => ({ allowed: true }), { ...nowhere, failurePolicy: 'Ignore' });
    await configure('Validating', 'gone', () => ({ allowed: true }), { ...nowhere, failurePolicy: 'Ignore' });
    expect((await create('passed-over')).code).toBe(201);
  });

  it('because its certificate is not trusted is said to be so', async () => {
    const untrusted = { ...hooks.serve('/untrusted', () => ({ allowed: true })), caBundle: undefined };
    await configure('Validating', 'untrusted', () => ({ allowed: true }), { clientConfig: untrusted });
    expect((await create('untrusted')).body.message).toContain(
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
  });

  it('in time is cut off', async () => {
    await configure('Validating', 'slow', () => ({ allowed: true, delayMs: 3000 }), { timeoutSeconds: 1 });
    expect((await create('slow')).body.message).toMatch(/\?timeout=1s": context deadline exceeded$/);
  });

  it('because it answers an error is quoted', async () => {
    await configure('Validating', 'broken', () => ({ allowed: true, raw: { code: 500, body: 'boom' } }));
    expect((await create('broken')).body.message).toBe(
      'Internal error occurred: failed calling webhook "broken.example.com": failed to call webhook: an error on the server ("boom") has prevented the request from succeeding',
    );
  });

  it('through a service without endpoints names the service', async () => {
    const service = { namespace: 'default', name: 'absent', path: '/x' };
    await configure('Validating', 'svc', () => ({ allowed: true }), { clientConfig: { service } });
    expect((await create('no-service')).body.message).toBe(
      'Internal error occurred: failed calling webhook "svc.example.com": failed to call webhook: Post "https://absent.default.svc:443/x?timeout=10s": service "absent" not found',
    );
  });
});

describe('subresources', () => {
  it('are asked about under their own name, a scale as a Scale', async () => {
    const path = await configure('Validating', 'scaler', () => ({ allowed: true }), {
      rules: [{ operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] }],
    });
    const deployments = '/apis/apps/v1/namespaces/default/deployments';
    const labels = { app: 'scaled' };
    await requests.post(deployments, {
      metadata: { name: 'scaled' },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    });
    await requests.patch(`${deployments}/scaled/scale`, 'merge', { spec: { replicas: 3 } });
    expect(hooks.askedAt(path)).toHaveLength(1);
    expect(hooks.askedAt(path)[0]).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      subResource: 'scale',
      object: { kind: 'Scale', spec: { replicas: 3 } },
      oldObject: { kind: 'Scale', spec: {} },
    });
  });
});

/** Endpoints may not be loopback addresses; without another one there is nothing to point a service at. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

describe.skipIf(address === undefined)('a webhook behind a service', () => {
  it('is called at an endpoint of the service, under the name of the service', async () => {
    const behind = await WebhookServer.start(['hook.default.svc']);
    try {
      behind.serve('/deny', () => ({ allowed: false, status: { message: 'from behind a service' } }));
      await requests.post('/api/v1/namespaces/default/services', {
        metadata: { name: 'hook' },
        spec: { ports: [{ name: 'https', port: 443, targetPort: 9443 }] },
      });
      await requests.post('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
        metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
        addressType: 'IPv4',
        ports: [{ name: 'https', port: behind.port }],
        endpoints: [{ addresses: [address] }],
      });
      const service = { namespace: 'default', name: 'hook', path: '/deny' };
      await configure('Validating', 'behind', () => ({ allowed: true }), {
        clientConfig: { service, caBundle: behind.caBundle },
      });
      expect((await create('through-service')).body.message).toBe(
        'admission webhook "behind.example.com" denied the request: from behind a service',
      );
      expect(behind.askedAt('/deny')).toHaveLength(1);
    } finally {
      behind.close();
    }
  });
});

describe('match conditions', () => {
  it('keep a webhook from being asked', async () => {
    const matchConditions = [{ name: 'only-a', expression: `object.metadata.name.startsWith('a')` }];
    await configure('Validating', 'conditional', () => ({ allowed: false }), { matchConditions });
    expect((await create('b-not-asked')).code).toBe(201);
    expect((await create('a-asked')).code).toBe(400);
  });

  it('that cannot be evaluated refuse the request', async () => {
    const matchConditions = [{ name: 'broken', expression: 'object.nothing == 1' }];
    await configure('Validating', 'unclear', () => ({ allowed: true }), { matchConditions });
    const { code, body } = await create('unclear');
    expect(code).toBe(403);
    expect(body.message).toContain(`expression 'object.nothing == 1' resulted in error: no such key: nothing`);
  });
});
