import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { objectKey } from '@pilothouse/apimachinery';
import { configmaps, namespaces, type ConfigMap } from '@pilothouse/api';
import { clientFromKubeconfig, createInformerFactory, type InformerOptions, type KubeClient } from '@pilothouse/client';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { CuttingProxy } from './cutting-proxy.ts';

let apiserver: RunningApiserver;
let proxy: CuttingProxy;
/** Straight to the apiserver. */
let writer: KubeClient;
/** Through the proxy. */
let reader: KubeClient;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  apiserver = await startApiserver();
  proxy = await CuttingProxy.start(apiserver.port);
  writer = await clientFromKubeconfig(apiserver.kubeconfig(), { userAgent: 'writer' });
  const kubeconfig = readFileSync(apiserver.kubeconfig(), 'utf8').replace(`:${apiserver.port}`, `:${proxy.port}`);
  const path = join(apiserver.pki.dir, 'through-proxy.kubeconfig');
  writeFileSync(path, kubeconfig);
  reader = await clientFromKubeconfig(path, { userAgent: 'reader' });
});

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

afterAll(async () => {
  reader?.close();
  writer?.close();
  await proxy?.close();
  await apiserver?.stop();
});

/** An informer that checks that each object's story is one without gaps, and lets a test wait for a condition. */
async function follow(options: InformerOptions = {}) {
  const stop = new AbortController();
  cleanups.push(() => stop.abort(new Error('test ended')));
  const factory = createInformerFactory(reader);
  const informer = factory.for(configmaps, options);
  const followed = new Map<string, ConfigMap>();
  const mistakes: string[] = [];
  const revision = (object: ConfigMap) => Number(object.metadata!.resourceVersion);
  let events = 0;
  let wake = () => {};
  const changed = () => {
    events++;
    wake();
  };
  informer.addHandler({
    onAdd(object) {
      if (followed.has(objectKey(object))) mistakes.push(`added twice: ${objectKey(object)}`);
      followed.set(objectKey(object), object);
      changed();
    },
    onUpdate(before, after) {
      if (followed.get(objectKey(after)) !== before) mistakes.push(`updated from another state: ${objectKey(after)}`);
      if (revision(after) <= revision(before)) mistakes.push(`went back in time: ${objectKey(after)}`);
      followed.set(objectKey(after), after);
      changed();
    },
    onDelete(object) {
      if (!followed.delete(objectKey(object))) mistakes.push(`deleted unknown: ${objectKey(object)}`);
      changed();
    },
  });
  factory.start(stop.signal);
  await factory.waitForSync(AbortSignal.timeout(10_000));
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { informer, followed, mistakes, until, eventCount: () => events };
}

async function makeNamespace(name: string): Promise<string> {
  await writer.resource(namespaces).create({ metadata: { name }, spec: {} });
  return name;
}

describe('an informer', () => {
  it('is synced when the initial list is in, and then follows every change', async () => {
    const namespace = await makeNamespace('follows');
    const resource = writer.resource(configmaps);
    const first = await resource.create({ metadata: { name: 'first', namespace }, data: { a: '1' } });
    const { informer, until } = await follow({ namespace });
    expect(informer.lister.get('follows/first')?.data).toEqual({ a: '1' });
    await resource.update({ ...first, data: { a: '2' } });
    await until(() => informer.lister.get('follows/first')?.data?.a === '2');
    await resource.delete('first', { namespace });
    await until(() => informer.lister.list().length === 0);
  });

  it('follows by label, and sees an object go that matches no more', async () => {
    const namespace = await makeNamespace('labels');
    const resource = writer.resource(configmaps);
    const { informer, until } = await follow({ namespace, labelSelector: 'app=web' });
    const web = await resource.create({ metadata: { name: 'web', namespace, labels: { app: 'web' } } });
    await resource.create({ metadata: { name: 'db', namespace, labels: { app: 'db' } } });
    await until(() => informer.lister.list().length === 1);
    await resource.update({ ...web, metadata: { ...web.metadata, labels: { app: 'db' } } });
    await until(() => informer.lister.list().length === 0);
  });

  it('holds only metadata when asked to', async () => {
    const namespace = await makeNamespace('metadata');
    await writer
      .resource(configmaps)
      .create({ metadata: { name: 'one', namespace }, data: { large: 'x'.repeat(1000) } });
    const { informer, until } = await follow({ namespace, metadataOnly: true });
    await writer.resource(configmaps).create({ metadata: { name: 'two', namespace }, data: { large: 'x' } });
    await until(() => informer.lister.list().length === 2);
    for (const object of informer.lister.list()) {
      expect(object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { namespace } });
      expect(object).not.toHaveProperty('data');
    }
  });

  it('loses and repeats nothing while its connections are cut again and again', async () => {
    const namespace = await makeNamespace('cuts');
    const { informer, mistakes, until, followed } = await follow({ namespace });
    const resource = writer.resource(configmaps);
    const names = Array.from({ length: 20 }, (_, i) => `cm-${i}`);
    const changes = names.map(async (name, i) => {
      let object = await resource.create({ metadata: { name, namespace }, data: { step: '0' } });
      for (let step = 1; step <= 25; step++) {
        object = await resource.update({ ...object, data: { step: String(step) } });
        if (i === 0 && step % 5 === 0) proxy.cut();
      }
      if (i % 2 === 1) await resource.delete(name, { namespace });
    });
    await Promise.all(changes);
    const { items } = await resource.list({ namespace });
    const wanted = new Map(items.map((item) => [objectKey(item), item.metadata!.resourceVersion]));
    await until(
      () =>
        followed.size === wanted.size &&
        [...wanted].every(([key, version]) => followed.get(key)?.metadata!.resourceVersion === version),
    );
    expect(mistakes).toEqual([]);
    expect(new Set(informer.lister.list())).toEqual(new Set(followed.values()));
  });

  it('catches up after the apiserver was killed and another took over', async () => {
    const namespace = await makeNamespace('takeover');
    const { informer, mistakes, until } = await follow({ namespace });
    const resource = writer.resource(configmaps);
    await resource.create({ metadata: { name: 'before', namespace } });
    await until(() => informer.lister.list().length === 1);

    proxy.refuse(true);
    const other = await startApiserver({ etcd: apiserver.etcd, pki: apiserver.pki });
    cleanups.push(() => proxy.leadTo(apiserver.port));
    try {
      await resource.delete('before', { namespace });
      await resource.create({ metadata: { name: 'meanwhile', namespace } });
      proxy.refuse(false);
      proxy.leadTo(other.port);
      await until(() => informer.lister.get(`${namespace}/meanwhile`) !== undefined);
      await until(() => informer.lister.get(`${namespace}/before`) === undefined);
      expect(mistakes).toEqual([]);
    } finally {
      await other.kill9();
    }
  });

  it('shares one watch among all who ask for the same', async () => {
    const factory = createInformerFactory(reader);
    expect(factory.for(configmaps)).toBe(factory.for(configmaps, {}));
    expect(factory.for(configmaps)).not.toBe(factory.for(configmaps, { namespace: 'a' }));
  });

  it('can be started and stopped at run time', async () => {
    const stop = new AbortController();
    cleanups.push(() => stop.abort(new Error('test ended')));
    const factory = createInformerFactory(reader);
    factory.start(stop.signal);
    const first = factory.for(configmaps, { namespace: 'default' });
    await factory.waitForSync(AbortSignal.timeout(10_000));
    expect(first.hasSynced).toBe(true);
    factory.stop(configmaps, { namespace: 'default' });
    const second = factory.for(configmaps, { namespace: 'default' });
    expect(second).not.toBe(first);
    await factory.waitForSync(AbortSignal.timeout(10_000));
    expect(second.hasSynced).toBe(true);
  });
});
