import { afterEach, describe, expect, it } from 'vitest';
import { StatusError, type KubeObject, type WatchEvent } from '@pilothouse/apimachinery';
import { leases, pods, type ResourceRef } from '@pilothouse/api';
import { FakeClock, MetricsRegistry } from '@pilothouse/component';
import type { KubeClient, KubeClientOptions } from './contract.ts';
import { createKubeClient } from './kube-client.ts';
import { Leadership, NotLeadingError } from './leader-election/leadership.ts';
import { isConnectionError } from './rest/connection-error.ts';
import { decodeObject, encodeObject, PROTOBUF } from './rest/content.ts';
import { Http2TestServer, type TestRequest } from './test-server/http2-test-server.ts';

const widgets: ResourceRef = {
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  namespaced: true,
};
const web = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web', namespace: 'default', uid: 'u1' } };
const spec = { containers: [{ name: 'web', image: 'nginx' }] };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(
  handle: (request: TestRequest) => void,
  options: Partial<KubeClientOptions> = {},
): Promise<{ server: Http2TestServer; client: KubeClient }> {
  const server = await Http2TestServer.start(handle);
  const client = createKubeClient({ server: server.url, tls: { ca: server.ca }, userAgent: 'test/1', ...options });
  cleanups.push(
    () => server.close(),
    () => client.close(),
  );
  return { server, client };
}

async function errorOf(promise: Promise<unknown>): Promise<StatusError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StatusError);
  return error as StatusError;
}

const replyProtobuf = (request: TestRequest, object: KubeObject, status = 200) =>
  request.reply(status, encodeObject(object, 'protobuf').body, { 'content-type': PROTOBUF });

describe('requests', () => {
  it('write and read built-in kinds in Protobuf, filling in the kind', async () => {
    const { server, client } = await connect((request) =>
      replyProtobuf(request, decodeObject(request.body, true), 201),
    );
    const created = await client.resource(pods).create({ metadata: { name: 'web', namespace: 'default' }, spec });
    expect(created).toMatchObject({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web' } });
    const { method, path, headers } = server.requests[0]!;
    expect({ method, path, type: headers['content-type'], accept: headers.accept }).toEqual({
      method: 'POST',
      path: '/api/v1/namespaces/default/pods',
      type: PROTOBUF,
      accept: `${PROTOBUF}, application/json`,
    });
  });

  it('write custom resources in JSON', async () => {
    const { server, client } = await connect((request) => request.reply(201, request.body));
    const widget = { metadata: { name: 'w', namespace: 'a' }, spec: { size: 1 } };
    const created = await client.resource(widgets).create(widget);
    expect(created).toEqual({ kind: 'Widget', apiVersion: 'example.com/v1', ...widget });
    expect(server.requests[0]).toMatchObject({ path: '/apis/example.com/v1/namespaces/a/widgets' });
  });

  it('take a JSON answer to a Protobuf question', async () => {
    const { client } = await connect((request) => request.reply(200, JSON.stringify(web)));
    expect(await client.resource(pods).get('web', { namespace: 'default' })).toMatchObject(web);
  });

  it('give the items of a list their kind', async () => {
    const list = {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7' },
      items: [{ metadata: web.metadata }],
    };
    const { client } = await connect((request) => replyProtobuf(request, list as KubeObject));
    const { items, metadata } = await client.resource(pods).list();
    expect(metadata.resourceVersion).toBe('7');
    expect(items).toMatchObject([web]);
  });

  it('spell each patch by its type, and apply with manager and force', async () => {
    const { server, client } = await connect((request) => request.reply(200, JSON.stringify(web)));
    const resource = client.resource(pods);
    const options = { namespace: 'default', fieldManager: 'me', force: true, subresource: 'status' };
    await resource.patch('web', { type: 'apply', body: web }, options);
    await resource.patch('web', { type: 'strategic', body: {} }, { namespace: 'default' });
    await resource.patch('web', { type: 'merge', body: {} }, { namespace: 'default' });
    await resource.patch('web', { type: 'json', body: [] }, { namespace: 'default', dryRun: true });
    const path = '/api/v1/namespaces/default/pods/web';
    expect(server.requests.map((each) => [each.headers['content-type'], each.path])).toEqual([
      ['application/apply-patch+yaml', `${path}/status?fieldManager=me&force=true`],
      ['application/strategic-merge-patch+json', path],
      ['application/merge-patch+json', path],
      ['application/json-patch+json', `${path}?dryRun=All`],
    ]);
  });

  it('send delete options as a body, and none without options', async () => {
    const { server, client } = await connect((request) => request.reply(200, '{"kind":"Status","apiVersion":"v1"}'));
    const resource = client.resource(pods);
    const preconditions = { uid: 'u1' };
    await resource.delete('web', {
      namespace: 'a',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Background',
      preconditions,
    });
    await resource.delete('web', { namespace: 'a' });
    await resource.deleteCollection({ namespace: 'a', labelSelector: 'app=web', gracePeriodSeconds: 1 });
    const [first, second, third] = server.requests;
    expect(JSON.parse(first!.body.toString())).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Background',
      preconditions,
    });
    expect(second!.body.length).toBe(0);
    expect(third!.path).toBe('/api/v1/namespaces/a/pods?labelSelector=app%3Dweb');
    expect(JSON.parse(third!.body.toString())).toMatchObject({ gracePeriodSeconds: 1 });
  });

  it('carry identity: user agent and the current token', async () => {
    let token = 'one';
    const { server, client } = await connect((request) => request.reply(200, '{}'), { token: () => token });
    await client.raw('GET', '/version');
    token = 'two';
    await client.raw('GET', '/version');
    expect(server.requests.map(({ headers }) => [headers['user-agent'], headers.authorization])).toEqual([
      ['test/1', 'Bearer one'],
      ['test/1', 'Bearer two'],
    ]);
  });

  it('read metadata only, under the kind of the resource', async () => {
    const partial = {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'web', uid: 'u1' },
    };
    const { server, client } = await connect((request) => replyProtobuf(request, partial));
    expect(await client.metadata(pods).get('web', { namespace: 'a' })).toEqual({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: partial.metadata,
    });
    expect(server.requests[0]!.headers.accept).toContain(';as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  });
});

describe('failures', () => {
  it('are the Status the server sent, in Protobuf too', async () => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'pods "web" not found',
      reason: 'NotFound',
      details: { name: 'web', kind: 'pods' },
      code: 404,
    };
    const { client } = await connect((request) => replyProtobuf(request, status, 404));
    const error = await errorOf(client.resource(pods).get('web', { namespace: 'a' }));
    expect(error.status).toMatchObject(status);
  });

  it('are made up when the answer is no Status', async () => {
    const { client } = await connect((request) => request.reply(502, '<html>', { 'content-type': 'text/html' }));
    const error = await errorOf(client.resource(pods).get('web', { namespace: 'a' }));
    expect(error).toMatchObject({ code: 502, reason: 'InternalError' });
    expect(error.message).toBe(
      'an error on the server ("<html>") has prevented the request from succeeding (get pods web)',
    );
  });

  it('are a StatusError as well when no answer comes, and a write is not repeated', async () => {
    const { server, client } = await connect((request) => request.session.destroy());
    const error = await errorOf(client.resource(pods).create({ metadata: { name: 'web', namespace: 'a' }, spec }));
    expect(isConnectionError(error)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  it('of the connection are mended for reads', async () => {
    let cuts = 2;
    const { server, client } = await connect((request) =>
      cuts-- > 0 ? request.session.destroy() : request.reply(200, JSON.stringify(web)),
    );
    expect(await client.resource(pods).get('web', { namespace: 'a' })).toMatchObject(web);
    expect(server.requests).toHaveLength(3);
  });

  it('with Retry-After are waited out by the clock, also for writes', async () => {
    const clock = new FakeClock();
    let refusals = 1;
    const { server, client } = await connect(
      (request) => {
        if (refusals-- > 0) request.reply(429, '{}', { 'retry-after': '3' });
        else request.reply(201, JSON.stringify(web));
      },
      { clock },
    );
    const creating = client.resource(pods).create({ ...web, spec });
    while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(clock.nextTimerMs).toBe(3000);
    await clock.run(3000);
    expect(await creating).toMatchObject(web);
    expect(server.requests).toHaveLength(2);
  });

  it('are what a write becomes whose leadership has ended, though it waited for its turn', async () => {
    const clock = new FakeClock();
    const leadership = new Leadership(clock);
    const { server, client } = await connect(
      (request) =>
        request.method === 'GET' ? replyProtobuf(request, web) : request.reply(429, '{}', { 'retry-after': '30' }),
      { clock, leadership },
    );
    const create = () => client.resource(pods).create({ ...web, spec });
    await expect(create()).rejects.toThrow(NotLeadingError);
    expect(server.requests).toHaveLength(0);
    leadership.holdUntil(10_000);
    const creating = create();
    creating.catch(() => {});
    while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.run(30_000);
    await expect(creating).rejects.toThrow(NotLeadingError);
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(await client.resource(pods).get('web', { namespace: 'default' })).toMatchObject(web);
  });
});

describe('a watch', () => {
  const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;

  it('yields events, and ends when the server ends it', async () => {
    const { server, client } = await connect((request) =>
      request.reply(200, line('ADDED', web) + line('DELETED', web), {
        'content-type': 'application/json;stream=watch',
      }),
    );
    const events: WatchEvent[] = [];
    for await (const event of client
      .resource(pods)
      .watch({ namespace: 'a', resourceVersion: '5', timeoutSeconds: 9 })) {
      events.push(event);
    }
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    expect(server.requests[0]!.path).toBe('/api/v1/namespaces/a/pods?watch=true&resourceVersion=5&timeoutSeconds=9');
  });

  it('throws the Status of an ERROR event', async () => {
    const gone = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Expired',
      code: 410,
      message: 'too old',
    };
    const { client } = await connect((request) => request.reply(200, line('ERROR', gone)));
    const watch = client.resource(leases).watch({})[Symbol.asyncIterator]();
    expect(await errorOf(watch.next())).toMatchObject({ code: 410, reason: 'Expired' });
  });

  it('fails as a connection error when it is cut', async () => {
    const { client } = await connect((request) => {
      request.stream.respond({ ':status': 200, 'content-type': 'application/json' });
      request.stream.write(line('ADDED', web), () => request.session.destroy());
    });
    const watch = client.resource(pods).watch({})[Symbol.asyncIterator]();
    expect((await watch.next()).value).toMatchObject({ type: 'ADDED' });
    expect(isConnectionError(await errorOf(watch.next()))).toBe(true);
  });

  it('closes its stream when the reader leaves', async () => {
    const { server, client } = await connect((request) => {
      request.stream.respond({ ':status': 200, 'content-type': 'application/json' });
      request.stream.write(line('ADDED', web));
    });
    for await (const _ of client.resource(pods).watch({})) break;
    const { stream } = server.requests[0]!;
    if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.closed).toBe(true);
  });
});

describe('discovery', () => {
  it('reads the aggregated form', async () => {
    const root = (path: string) => ({
      kind: 'APIGroupDiscoveryList',
      items:
        path === '/api'
          ? [{ versions: [{ version: 'v1', resources: [podResource] }] }]
          : [{ metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', freshness: 'Stale' }] }],
    });
    const podResource = {
      resource: 'pods',
      responseKind: { group: '', version: 'v1', kind: 'Pod' },
      scope: 'Namespaced',
      shortNames: ['po'],
      verbs: ['get', 'list'],
      subresources: [{ subresource: 'status' }],
    };
    const { client } = await connect((request) => request.reply(200, JSON.stringify(root(request.path))));
    expect(await client.discover()).toEqual({
      resources: [
        {
          group: '',
          version: 'v1',
          resource: 'pods',
          kind: 'Pod',
          namespaced: true,
          verbs: ['get', 'list'],
          shortNames: ['po'],
          categories: [],
          preferred: true,
          subresources: ['status'],
        },
      ],
      failedGroupVersions: ['metrics.k8s.io/v1beta1'],
    });
  });

  it('falls back to one document per group version and names those that fail', async () => {
    const documents: Record<string, object> = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': {
        kind: 'APIGroupList',
        groups: [
          {
            name: 'apps',
            versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
            preferredVersion: { groupVersion: 'apps/v1' },
          },
          { name: 'broken.io', versions: [{ groupVersion: 'broken.io/v1', version: 'v1' }] },
        ],
      },
      '/api/v1': { resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get'] }] },
      '/apis/apps/v1': {
        resources: [
          { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get'] },
          { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs: ['get'] },
        ],
      },
    };
    const { client } = await connect((request) => {
      const document = documents[request.path];
      if (document) request.reply(200, JSON.stringify(document));
      else request.reply(503);
    });
    const { resources, failedGroupVersions } = await client.discover();
    expect(resources.map(({ resource, preferred, subresources }) => ({ resource, preferred, subresources }))).toEqual([
      { resource: 'pods', preferred: true, subresources: [] },
      { resource: 'deployments', preferred: true, subresources: ['scale'] },
    ]);
    expect(failedGroupVersions).toEqual(['broken.io/v1']);
  });
});

describe('throttle and metrics', () => {
  it('spreads requests when a rate is set', async () => {
    const clock = new FakeClock();
    const { server, client } = await connect((request) => request.reply(200, '{}'), { clock, qps: 1, burst: 2 });
    const all = Promise.all([1, 2, 3].map((i) => client.raw('GET', `/${i}`)));
    while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(clock.nextTimerMs).toBe(1000);
    await clock.run(1000);
    await all;
    expect(server.requests).toHaveLength(3);
  });

  it("counts requests under client-go's names", async () => {
    const metrics = new MetricsRegistry();
    const { server, client } = await connect((request) => request.reply(404, '{}'), { metrics });
    await client.raw('GET', '/x');
    const host = new URL(server.url).host;
    expect(metrics.expose()).toContain(`rest_client_requests_total{code="404",host="${host}",method="GET"} 1`);
  });
});
