import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  isAlreadyExists,
  isConflict,
  isInvalid,
  isNotFound,
  type StatusError,
  type WatchEvent,
} from '@pilothouse/apimachinery';
import { allResources } from './client-resources.ts';
import { configmaps, events, namespaces, pods, serviceaccounts, type ConfigMap } from '@pilothouse/api';
import { clientFromKubeconfig, createEventRecorder, runLeaderElection, type KubeClient } from '@pilothouse/client';
import { systemClock } from '@pilothouse/component';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';

let apiserver: RunningApiserver;
let protobuf: KubeClient;
let json: KubeClient;

beforeAll(async () => {
  apiserver = await startApiserver();
  protobuf = await clientFromKubeconfig(apiserver.kubeconfig(), { userAgent: 'test' });
  json = await clientFromKubeconfig(apiserver.kubeconfig(), { userAgent: 'test', contentType: 'json' });
});

afterAll(async () => {
  protobuf?.close();
  json?.close();
  await apiserver?.stop();
});

const namespace = 'default';
const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  metadata: { name, namespace },
  data,
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each([
  ['Protobuf', () => protobuf],
  ['JSON', () => json],
])('a client that speaks %s', (format, get) => {
  const name = `crud-${format.toLowerCase()}`;

  it('creates, reads, updates, patches and deletes', async () => {
    const resource = get().resource(configmaps);
    const created = await resource.create(configMap(name, { a: '1' }));
    expect(created).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name, namespace },
      data: { a: '1' },
    });
    expect(await resource.get(name, { namespace })).toEqual(created);
    const updated = await resource.update({ ...created, data: { a: '2' } });
    expect(updated.metadata!.resourceVersion).not.toBe(created.metadata!.resourceVersion);
    const merged = await resource.patch(name, { type: 'merge', body: { data: { b: '3' } } }, { namespace });
    expect(merged.data).toEqual({ a: '2', b: '3' });
    const jsonPatch = [{ op: 'remove', path: '/data/a' }];
    expect((await resource.patch(name, { type: 'json', body: jsonPatch }, { namespace })).data).toEqual({ b: '3' });
    const strategic = { metadata: { labels: { x: 'y' } } };
    expect(
      (await resource.patch(name, { type: 'strategic', body: strategic }, { namespace })).metadata!.labels,
    ).toEqual({ x: 'y' });
    await resource.delete(name, { namespace, preconditions: { uid: created.metadata!.uid! } });
    expect(isNotFound(await failure(resource.get(name, { namespace })))).toBe(true);
  });

  it('applies on behalf of a field manager', async () => {
    const resource = get().resource(configmaps);
    const body = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: `${name}-apply` }, data: { a: '1' } };
    const applied = await resource.patch(
      `${name}-apply`,
      { type: 'apply', body },
      { namespace, fieldManager: 'me', force: true },
    );
    expect(applied.data).toEqual({ a: '1' });
    expect(applied.metadata!.managedFields).toMatchObject([{ manager: 'me', operation: 'Apply' }]);
  });

  it("throws the server's Status for each refusal", async () => {
    const resource = get().resource(configmaps);
    const missing = await failure(resource.get('missing', { namespace }));
    expect((missing as StatusError).message).toBe('configmaps "missing" not found');
    const created = await resource.create(configMap(`${name}-twice`));
    expect(isAlreadyExists(await failure(resource.create(configMap(`${name}-twice`))))).toBe(true);
    await resource.update({ ...created, data: { a: '1' } });
    expect(isConflict(await failure(resource.update({ ...created, data: { a: '2' } })))).toBe(true);
    expect(isInvalid(await failure(resource.create(configMap('Not A Name'))))).toBe(true);
  });

  it('watches from a list, with the changes since in order', async () => {
    const resource = get().resource(configmaps);
    const before = await resource.list({ namespace, limit: 1 });
    const stop = new AbortController();
    const labelSelector = `watched=${format}`;
    const labels = { watched: format };
    const created = await resource.create({ metadata: { name: `${name}-watched`, namespace, labels }, data: {} });
    await resource.update({ ...created, data: { a: '1' } });
    await resource.delete(`${name}-watched`, { namespace });
    const seen: WatchEvent<ConfigMap>[] = [];
    const { resourceVersion } = before.metadata;
    for await (const event of resource.watch({ namespace, labelSelector, resourceVersion, signal: stop.signal })) {
      seen.push(event);
      if (event.type === 'DELETED') break;
    }
    expect(seen.map(({ type, object }) => [type, object.kind, object.data])).toEqual([
      ['ADDED', 'ConfigMap', created.data],
      ['MODIFIED', 'ConfigMap', { a: '1' }],
      ['DELETED', 'ConfigMap', { a: '1' }],
    ]);
  });

  it('reads metadata only', async () => {
    await get()
      .resource(configmaps)
      .create(configMap(`${name}-meta`, { secret: 'body' }));
    const read = await get().metadata(configmaps).get(`${name}-meta`, { namespace });
    expect(Object.keys(read).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
    expect(read).toMatchObject({ kind: 'ConfigMap', metadata: { name: `${name}-meta` } });
  });
});

describe('subresources and sub-APIs', () => {
  it('binds a pod', async () => {
    // Admission wants the account that a pod runs as; no controller has made it here.
    await protobuf.resource(serviceaccounts).create({ metadata: { name: 'default', namespace } });
    const created = await protobuf.resource(pods).create({
      metadata: { name: 'bound', namespace },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    });
    const target = { kind: 'Node', apiVersion: 'v1', name: 'node-1' };
    const binding = {
      kind: 'Binding',
      apiVersion: 'v1',
      metadata: { name: 'bound', uid: created.metadata!.uid },
      target,
    };
    await protobuf.resource(pods).createSubresource('bound', 'binding', binding, { namespace });
    expect((await protobuf.resource(pods).get('bound', { namespace })).spec?.nodeName).toBe('node-1');
  });

  it('writes the status only', async () => {
    const pod = await protobuf.resource(pods).get('bound', { namespace });
    const changed = { ...pod, spec: { ...pod.spec, nodeName: 'node-2' }, status: { phase: 'Running' } };
    const updated = await protobuf.resource(pods).update(changed, { subresource: 'status' });
    expect(updated.status?.phase).toBe('Running');
    expect(updated.spec.nodeName).toBe('node-1');
  });
});

describe('discovery', () => {
  it('finds every built-in resource', async () => {
    const { resources, failedGroupVersions } = await protobuf.discover();
    expect(failedGroupVersions).toEqual([]);
    const served = new Set(resources.map(({ group, version, resource }) => `${group}/${version}/${resource}`));
    const missing = allResources().filter((ref) => !served.has(`${ref.group}/${ref.version}/${ref.resource}`));
    expect(missing).toEqual([]);
    const deployments = resources.find(({ group, resource }) => group === 'apps' && resource === 'deployments');
    expect(deployments).toMatchObject({
      kind: 'Deployment',
      namespaced: true,
      preferred: true,
      shortNames: ['deploy'],
    });
    expect(deployments!.subresources).toEqual(expect.arrayContaining(['scale', 'status']));
  });
});

describe('what stands on the client', () => {
  it('elects one leader, and the next when the first gives up', async () => {
    const lead = (identity: string) => {
      const stop = new AbortController();
      const { promise: leading, resolve } = Promise.withResolvers<void>();
      const times = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 100 };
      const options = { client: protobuf, namespace: 'kube-system', name: 'election', identity, ...times };
      return {
        leading,
        ended: runLeaderElection(options, () => resolve(), stop.signal),
        stop: () => stop.abort(new Error('stop')),
      };
    };
    const first = lead('first');
    await first.leading;
    const second = lead('second');
    first.stop();
    expect(await first.ended).toBe('cancelled');
    await second.leading;
    second.stop();
    expect(await second.ended).toBe('cancelled');
  });

  it('records events, and counts what repeats', async () => {
    const recorder = createEventRecorder({ client: protobuf, clock: systemClock(), component: 'tester' });
    const regarding = await protobuf.resource(namespaces).get('default');
    for (let i = 0; i < 3; i++) recorder.event(regarding, 'Warning', 'Testing', 'it repeats');
    await recorder.flush();
    const { items } = await protobuf.resource(events).list({ namespace });
    expect(items.filter(({ reason }) => reason === 'Testing')).toHaveLength(1);
    expect(items.find(({ reason }) => reason === 'Testing')).toMatchObject({
      count: 3,
      message: 'it repeats',
      involvedObject: { kind: 'Namespace', name: 'default' },
    });
  });
});
