import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEtcdClient, type EtcdClient } from '@pilothouse/etcd';
import { openStorage, type ResourceStore, type Storage } from '@pilothouse/storage';
import { startEtcd, type RunningEtcd } from '@pilothouse/testing';
import { CuttingProxy } from './cutting-proxy.ts';
import { WIDGETS, expectNothingLost, named, watchAll, writeUnderLoad } from './storage-load.ts';

let etcd: RunningEtcd;
let cable: CuttingProxy;
let client: EtcdClient;
let storage: Storage;
let widgets: ResourceStore;
let abort: AbortController;

beforeEach(() => {
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  await storage.close();
  client.close();
  await cable.close();
  await etcd.stop();
});

async function open(flags: string[] = []): Promise<void> {
  etcd = await startEtcd({ flags });
  cable = await CuttingProxy.start(Number(new URL(etcd.endpoint).port));
  client = createEtcdClient({ endpoints: [`http://127.0.0.1:${cable.port}`] });
  storage = await openStorage({ etcd: client, compactionIntervalMs: 0 });
  widgets = storage.resource(WIDGETS);
  await storage.ready();
}

const watchFrom = (from: string) => watchAll(widgets, from, abort);

describe('under load', () => {
  it('loses and repeats nothing when etcd crashes and comes back, again and again', async () => {
    await open();
    const seen = watchFrom('0');
    const load = writeUnderLoad(widgets, 8);
    for (let crash = 1; crash <= 3; crash++) {
      await load.count(crash * 150);
      await etcd.kill9();
      await etcd.restart();
    }
    await load.count(load.acknowledged.size + 150);
    await load.stop();
    await expectNothingLost(client, widgets, load, seen);
    expect(load.acknowledged.size).toBeGreaterThan(450);
  });

  it('loses and repeats nothing when connections are cut in the middle of answers', async () => {
    await open();
    const seen = watchFrom('0');
    const load = writeUnderLoad(widgets, 8);
    for (let cut = 1; cut <= 20; cut++) {
      await load.count(cut * 40);
      cable.cut();
    }
    await load.stop();
    await expectNothingLost(client, widgets, load, seen);
  });
});

describe('when the log cannot go on where it was', () => {
  const create = (store: ResourceStore, name: string) => store.create(named(name), { metadata: { name } });

  it('lists again after a compaction; watches end with 410 and start anew', async () => {
    await open();
    await create(widgets, 'stays');
    await create(widgets, 'goes');
    const seen = watchFrom('0');
    await seen.until(() => seen.events.length === 2);
    const before = await widgets.get(named('stays'), { resourceVersion: '0' });

    cable.refuse(true);
    const direct = createEtcdClient({ endpoints: [etcd.endpoint] });
    const elsewhere = await openStorage({ etcd: direct, compactionIntervalMs: 0 });
    const theirs = elsewhere.resource(WIDGETS);
    await theirs.delete(named('goes'));
    const { revision } = await create(theirs, 'came');
    await direct.kv.compact(revision);
    cable.refuse(false);

    await expect(seen.ended).rejects.toMatchObject({ code: 410, reason: 'Expired' });
    const { items } = await widgets.list({ namespace: '', resourceVersion: '' });
    expect(items.map(({ key }) => key.name)).toEqual(['came', 'stays']);
    expect(items[1]).toBe(before);
    const resumed = watchFrom(String(before.revision));
    await expect(resumed.ended).rejects.toThrow('too old resource version');
    const anew = watchFrom(String(revision));
    const next = await create(theirs, 'next');
    await anew.until(() => anew.events.length === 1);
    expect(anew.events[0]).toMatchObject({ type: 'ADDED', revision: next.revision });
    await elsewhere.close();
    direct.close();
  });

  it('notices that etcd was set back', async () => {
    await open();
    for (let step = 0; step < 20; step++) await create(widgets, `w${step}`);
    const seen = watchFrom('0');
    await seen.until(() => seen.events.length === 20);
    await etcd.kill9();
    await rm(etcd.dataDir, { recursive: true });
    await etcd.restart();
    await expect(seen.ended).rejects.toMatchObject({ code: 410 });
    expect((await widgets.list({ namespace: '', resourceVersion: '0' })).items).toEqual([]);
    const { revision } = await create(widgets, 'first');
    expect(revision).toBeLessThan(20);
    expect((await widgets.list({ namespace: '', resourceVersion: '' })).items).toHaveLength(1);
  });
});

it('says so clearly when etcd is out of space, and still reads', async () => {
  await open(['--quota-backend-bytes=1048576']);
  const filler = 'x'.repeat(100_000);
  const fill = async () => {
    for (let step = 0; step < 100; step++) {
      await widgets.create(named(`w${step}`), { metadata: { name: `w${step}`, labels: { filler } } });
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: 500, message: 'etcdserver: mvcc: database space exceeded' });
  expect((await widgets.get(named('w0'), { resourceVersion: '' })).object.metadata!.name).toBe('w0');
  expect(await storage.health()).toMatchObject({ ok: true, following: true, alarms: ['NOSPACE'] });
});

it('reports health while etcd is away and after it is back', async () => {
  await open();
  expect(await storage.health()).toMatchObject({ ok: true });
  cable.refuse(true);
  expect(await storage.health()).toMatchObject({ ok: false });
  cable.refuse(false);
  await storage.currentRevision();
  await widgets.create(named('a'), { metadata: { name: 'a' } });
  await widgets.get(named('a'), { resourceVersion: '' });
  expect(await storage.health()).toMatchObject({ ok: true, problems: [] });
});
