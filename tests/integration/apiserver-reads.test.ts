import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { createCodec, unwrapEnvelope } from '@pilothouse/apimachinery';
import { schemaFor, configmaps } from '@pilothouse/api';
import { clientFromKubeconfig } from '@pilothouse/client';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

interface TableObject {
  readonly metadata: { readonly resourceVersion: string };
  readonly columnDefinitions: readonly object[] | null;
  readonly rows: readonly { readonly object: object }[];
}

let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
  for (const name of ['one', 'two', 'three']) {
    await requests.post(CONFIG_MAPS, { metadata: { name, labels: { set: 'read', size: name } }, data: { name } });
  }
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map(({ metadata }) => metadata.name);

describe('a list', () => {
  it('has its items without kind and apiVersion, as upstream prints typed lists', async () => {
    const { body } = await requests.get(`${CONFIG_MAPS}?labelSelector=set%3Dread`);
    expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(Object.keys(body.items[0])).toEqual(['metadata', 'data']);
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(0);
  });

  it('selects by labels and by fields', async () => {
    const select = async (query: string) => names((await requests.get(`${CONFIG_MAPS}?${query}`)).body);
    expect(await select('labelSelector=set%3Dread,size+in+(one,two)')).toEqual(['one', 'two']);
    expect(await select('labelSelector=set%3Dread,size!%3Done')).toEqual(['three', 'two']);
    expect(await select('fieldSelector=metadata.name%3Dtwo')).toEqual(['two']);
    expect(await select('labelSelector=!set&fieldSelector=metadata.name%3Dtwo')).toEqual([]);
  });

  it('comes in chunks that show one moment', async () => {
    const first = await requests.get(`${CONFIG_MAPS}?labelSelector=set%3Dread&limit=2`);
    expect(first.body.items).toHaveLength(2);
    await requests.post(CONFIG_MAPS, { metadata: { name: 'zzz', labels: { set: 'read' } } });
    const rest = await requests.get(
      `${CONFIG_MAPS}?labelSelector=set%3Dread&limit=2&continue=${encodeURIComponent(first.body.metadata.continue)}`,
    );
    expect([...names(first.body), ...names(rest.body)]).toEqual(['one', 'three', 'two']);
    expect(rest.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    await requests.delete(`${CONFIG_MAPS}/zzz`);
  });
});

describe('content negotiation', () => {
  it('answers with a Table of what kubectl prints', async () => {
    const { body } = await requests.get('/api/v1/namespaces', {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    expect(body.columnDefinitions.map((each: { name: string }) => each.name)).toEqual(['Name', 'Status', 'Age']);
    expect(body.rows[0].cells.slice(0, 2)).toEqual(['default', 'Active']);
    expect(body.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'default' } });
  });

  it('says in the Table of which pods nothing more is to come', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await requests.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
    await requests.post(pods, { metadata: { name: 'ended' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    expect((await requests.get(`${pods}/ended`, { accept })).body.rows[0]).not.toHaveProperty('conditions');
    await requests.patch(`${pods}/ended/status`, 'merge', { status: { phase: 'Failed' } });
    const { body } = await requests.get(`${pods}/ended`, { accept });
    expect(body.rows[0].conditions).toEqual([
      { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
    ]);
    await requests.delete(`${pods}/ended`, { gracePeriodSeconds: 0 });
  });

  it('shows flow schemas in the order they are asked', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const { body } = await requests.get('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas', { accept });
    const shown: [string, number][] = body.rows.map(({ cells }: { cells: unknown[] }) => [cells[0], cells[2]]);
    expect(shown).toEqual(shown.toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)));
    expect([shown.at(0)?.[0], shown.at(-1)?.[0]]).toEqual(['exempt', 'catch-all']);
  });

  it('answers with metadata only', async () => {
    const accept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
    const { body } = await requests.get(`${CONFIG_MAPS}/one`, { accept });
    expect(Object.keys(body)).toEqual(['kind', 'apiVersion', 'metadata']);
    expect(body).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'one' },
    });
  });

  it('speaks Protobuf both ways', async () => {
    const codec = createCodec(schemaFor('', 'v1', 'ConfigMap')!);
    const sent = codec.encodeProtobuf({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'binary' } });
    const headers = { 'content-type': PROTOBUF, accept: PROTOBUF };
    const { code, headers: answered } = await requests.send('POST', CONFIG_MAPS, { body: sent, headers });
    expect(code).toBe(201);
    expect(answered['content-type']).toBe(PROTOBUF);
    expect((await requests.get(`${CONFIG_MAPS}/binary`)).body.metadata.name).toBe('binary');
  });

  it('answers YAML to who asks for it, and indented JSON to people', async () => {
    const yaml = await requests.get(`${CONFIG_MAPS}/one`, { accept: 'application/yaml' });
    expect(yaml.text).toMatch(/^apiVersion: v1\ndata:\n {2}name: one\nkind: ConfigMap\n/);
    const pretty = await requests.get(`${CONFIG_MAPS}/one?pretty=true`);
    expect(pretty.text).toMatch(/^\{\n {2}"kind": "ConfigMap",\n/);
  });

  it('compresses what is large for who can read it', async () => {
    await requests.post(CONFIG_MAPS, { metadata: { name: 'large' }, data: { a: 'x'.repeat(200_000) } });
    const answer = await requests.get(`${CONFIG_MAPS}/large`, { 'accept-encoding': 'gzip' });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(
      (await requests.get(`${CONFIG_MAPS}/one`, { 'accept-encoding': 'gzip' })).headers['content-encoding'],
    ).toBeUndefined();
    await requests.delete(`${CONFIG_MAPS}/large`);
  });
});

describe('a watch', () => {
  it('goes on where a list ended, with every change once and in order', async () => {
    const { body } = await requests.get(CONFIG_MAPS);
    await requests.post(CONFIG_MAPS, { metadata: { name: 'seen' } });
    await requests.patch(`${CONFIG_MAPS}/seen`, 'merge', { data: { a: 'b' } });
    await requests.delete(`${CONFIG_MAPS}/seen`);
    const { text } = await requests.get(
      `${CONFIG_MAPS}?watch=1&timeoutSeconds=1&resourceVersion=${body.metadata.resourceVersion}`,
    );
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { kind: string } });
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(events[0]!.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'seen' } });
  });

  it('starts with what is there, ended by a bookmark, when asked to', async () => {
    const query =
      'watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const { text } = await requests.get(`${CONFIG_MAPS}?${query}&labelSelector=set%3Dread`);
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: object } });
    expect(events.slice(0, 4).map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'ADDED', 'BOOKMARK']);
    expect(events[3]!.object.metadata).toMatchObject({ annotations: { 'k8s.io/initial-events-end': 'true' } });
  });

  it('as tables tells the columns once, and of a bookmark its version', async () => {
    const query =
      'watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
    const { text } = await requests.get(`${CONFIG_MAPS}?${query}&labelSelector=set%3Dread`, { accept });
    const tables = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { object: TableObject }).object)
      .slice(0, 4);
    expect(tables.map(({ columnDefinitions }) => columnDefinitions === null)).toEqual([false, true, true, true]);
    const [row] = tables[3]!.rows;
    expect(row!.object).toEqual({
      ...{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' },
      metadata: {
        resourceVersion: tables[3]!.metadata.resourceVersion,
        annotations: { 'k8s.io/initial-events-end': 'true' },
      },
    });
  });

  it('shows an object that begins or ceases to match as ADDED or DELETED', async () => {
    const { body } = await requests.post(CONFIG_MAPS, { metadata: { name: 'wanderer' } });
    const from = body.metadata.resourceVersion;
    await requests.patch(`${CONFIG_MAPS}/wanderer`, 'merge', { metadata: { labels: { in: 'yes' } } });
    await requests.patch(`${CONFIG_MAPS}/wanderer`, 'merge', { metadata: { labels: { in: null } } });
    const { text } = await requests.get(
      `${CONFIG_MAPS}?watch=1&timeoutSeconds=1&resourceVersion=${from}&labelSelector=in%3Dyes`,
    );
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toEqual(['ADDED', 'DELETED']);
  });

  it('carries Protobuf frames that our client reads', async () => {
    const client = await clientFromKubeconfig(server.kubeconfig(), { userAgent: 'integration-test/1.0' });
    const seen: string[] = [];
    const watch = client
      .resource(configmaps)
      .watch({ namespace: 'default', resourceVersion: '0', timeoutSeconds: 1, labelSelector: 'set=read' });
    for await (const { type, object } of watch) seen.push(`${type} ${object.metadata?.name}`);
    expect(seen.sort()).toEqual(['ADDED one', 'ADDED three', 'ADDED two']);
    client.close();
  });
});

describe('discovery', () => {
  it('lists groups, versions and resources with their names and verbs', async () => {
    expect((await requests.get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const { body } = await requests.get('/apis/apps/v1');
    const deployments = body.resources.find((each: { name: string }) => each.name === 'deployments');
    expect(deployments).toMatchObject({
      singularName: 'deployment',
      namespaced: true,
      kind: 'Deployment',
      shortNames: ['deploy'],
      categories: ['all'],
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    });
    const scale = body.resources.find((each: { name: string }) => each.name === 'deployments/scale');
    expect(scale).toMatchObject({
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    });
  });

  it('aggregates them into one document that is sent once', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { body, headers } = await requests.get('/apis', { accept });
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const again = await requests.get('/apis', { accept, 'if-none-match': String(headers['etag']) });
    expect(again.code).toBe(304);
    expect(again.headers['content-type']).toContain('as=APIGroupDiscoveryList');
  });

  it('says which Kubernetes it is, and whether it is well', async () => {
    expect((await requests.get('/version')).body).toMatchObject({ major: '1', minor: '36' });
    expect((await requests.get('/readyz')).text).toBe('ok');
    expect((await requests.get('/metrics')).text).toContain('apiserver_request_total{');
  });
});

it('keeps what it stores in the storage encoding of Kubernetes', async () => {
  const { createEtcdClient } = await import('@pilothouse/etcd');
  const etcd = createEtcdClient({ endpoints: [server.etcd.endpoint] });
  const { kvs } = await etcd.kv.range({ key: '/registry/configmaps/default/one' });
  const envelope = unwrapEnvelope(kvs[0]!.value);
  expect(envelope).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  etcd.close();
});

describe('what the API says of itself', () => {
  it('names the stored version of a resource as every Kubernetes does', async () => {
    const { body } = await requests.get('/api/v1');
    const resources = body.resources as { readonly name: string; readonly storageVersionHash?: string }[];
    expect(resources.find(({ name }) => name === 'pods')?.storageVersionHash).toBe('xPOwRZ+Yhw8=');
  });

  it('lists the kinds that every group has under v1 and under the group', async () => {
    const { body } = await requests.get('/openapi/v3/apis/coordination.k8s.io/v1');
    const kindsOf = (kind: string) =>
      (body.components.schemas[`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`] as Record<string, unknown>)[
        'x-kubernetes-group-version-kind'
      ];
    expect(kindsOf('DeleteOptions')).toEqual([
      { group: '', version: 'v1', kind: 'DeleteOptions' },
      { group: 'coordination.k8s.io', version: 'v1', kind: 'DeleteOptions' },
    ]);
    expect(kindsOf('Status')).toEqual([{ group: '', version: 'v1', kind: 'Status' }]);
    expect(kindsOf('APIResourceList')).toEqual([{ group: '', version: 'v1', kind: 'APIResourceList' }]);
  });
});
