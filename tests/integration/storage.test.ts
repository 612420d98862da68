import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '@pilothouse/apimachinery';
import { FakeClock } from '@pilothouse/component';
import { createEtcdClient, type EtcdClient } from '@pilothouse/etcd';
import {
  openStorage,
  type ListOptions,
  type ResourceStore,
  type Storage,
  type StoredEvent,
  type WatchOptions,
} from '@pilothouse/storage';
import { startEtcd, type RunningEtcd } from '@pilothouse/testing';

interface Widget extends KubeObject {
  colour?: string;
  count?: number;
}

const codec = {
  encode: (object: KubeObject) => Buffer.from(JSON.stringify(object)),
  decode: (bytes: Buffer): KubeObject => JSON.parse(bytes.toString()),
};
const WIDGETS = {
  group: 'example.com',
  resource: 'widgets',
  storagePrefix: 'example.com/widgets',
  namespaced: true,
  codec,
};

let etcd: RunningEtcd;
let client: EtcdClient;
let storage: Storage;
let widgets: ResourceStore;
let prefix = 0;
const watches: AbortController[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  client = createEtcdClient({ endpoints: [etcd.endpoint] });
});
afterAll(async () => {
  client.close();
  await etcd.stop();
});
beforeEach(async () => {
  // A prefix for each test: one etcd serves them all.
  storage = await openStorage({ etcd: client, prefix: `/registry-${++prefix}`, compactionIntervalMs: 0 });
  widgets = storage.resource(WIDGETS);
});
afterEach(async () => {
  for (const watch of watches.splice(0)) watch.abort();
  await storage.close();
});

const named = (name: string, namespace = 'default') => ({ namespace, name });
const widget = (name: string, fields: Partial<Widget> = {}): Widget => ({
  metadata: { name, uid: `uid-${name}` },
  ...fields,
});
const create = (name: string, fields?: Partial<Widget>, namespace?: string) =>
  widgets.create(named(name, namespace), widget(name, fields));
const paint = (name: string, colour: string) =>
  widgets.update(named(name), (current) => ({ ...current!.object, colour }) as Widget);
const list = (options: Partial<ListOptions> = {}) => widgets.list({ namespace: '', resourceVersion: '', ...options });
const namesIn = (result: { items: readonly { key: { name: string } }[] }) => result.items.map(({ key }) => key.name);

/** Opens a watch and gathers what it brings. */
function watch(options: Partial<WatchOptions> = {}, store = widgets) {
  const abort = new AbortController();
  watches.push(abort);
  const events: StoredEvent[] = [];
  const wanted = new Set<{ check: () => boolean; resolve: () => void }>();
  const ended = (async () => {
    const stream = store.watch({
      namespace: '',
      resourceVersion: '',
      allowBookmarks: false,
      signal: abort.signal,
      ...options,
    });
    for await (const batch of stream) {
      events.push(...batch);
      for (const each of wanted) if (each.check()) each.resolve();
    }
  })();
  ended.catch(() => {});
  return {
    events,
    ended,
    text: () =>
      events.map(({ type, revision, ...event }) => `${type} ${'object' in event ? event.object.key.name : revision}`),
    /** Resolves when so many events are here. */
    async count(count: number) {
      if (events.length >= count) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      wanted.add({ check: () => events.length >= count, resolve });
      await Promise.race([promise, ended]);
    },
  };
}

describe('create, update, delete', () => {
  it('gives every version the revision of its write', async () => {
    const created = await create('a');
    expect(created.object.metadata!.resourceVersion).toBe(String(created.revision));
    const painted = await paint('a', 'red');
    expect(painted.revision).toBeGreaterThan(created.revision);
    expect(painted.object).toEqual({
      metadata: { name: 'a', uid: 'uid-a', resourceVersion: String(painted.revision) },
      colour: 'red',
    });
    const deleted = await widgets.delete(named('a'));
    expect(deleted.revision).toBeGreaterThan(painted.revision);
    expect(deleted.object).toMatchObject({ colour: 'red', metadata: { resourceVersion: String(deleted.revision) } });
    await expect(widgets.get(named('a'), { resourceVersion: '' })).rejects.toMatchObject({
      code: 404,
      message: 'widgets.example.com "a" not found',
    });
  });

  it('stores no resourceVersion', async () => {
    const { revision } = await create('a');
    await paint('a', 'red');
    const { kv } = await client.kv.get(`/registry-${prefix}/example.com/widgets/default/a`);
    expect(JSON.parse(kv!.value.toString())).toEqual({ metadata: { name: 'a', uid: 'uid-a' }, colour: 'red' });
    expect(kv!.createRevision).toBe(revision);
  });

  it('refuses a second create, and a create that brings a resourceVersion', async () => {
    await create('a');
    await expect(create('a')).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
    await expect(widgets.create(named('b'), { metadata: { name: 'b', resourceVersion: '7' } })).rejects.toMatchObject({
      message: 'resourceVersion should not be set on objects to be created',
    });
  });

  it('loses none of many concurrent updates of one object', async () => {
    await create('a', { count: 0 });
    const increment = () =>
      widgets.update(named('a'), (current) => {
        const object = current!.object as Widget;
        return { ...object, count: object.count! + 1 } as Widget;
      });
    const results = await Promise.all(Array.from({ length: 50 }, increment));
    const { object } = await widgets.get(named('a'), { resourceVersion: '' });
    expect((object as Widget).count).toBe(50);
    expect(new Set(results.map(({ revision }) => revision)).size).toBe(50);
  });

  it('writes nothing and makes no event when nothing changes', async () => {
    const created = await create('a', { colour: 'red' });
    const same = await widgets.update(named('a'), (current) => current!.object);
    const equal = await paint('a', 'red');
    expect([same.revision, equal.revision]).toEqual([created.revision, created.revision]);
    expect(await storage.currentRevision()).toBe(created.revision);
  });

  it('asks etcd before it refuses on what may be out of date', async () => {
    const other = await openStorage({ etcd: client, prefix: `/registry-${prefix}`, compactionIntervalMs: 0 });
    const theirs = other.resource(WIDGETS);
    await theirs.create(named('a'), widget('a', { colour: 'red' }));
    await widgets.get(named('a'), { resourceVersion: '' });
    // Whether or not the other server's write is in this cache yet, it counts.
    await theirs.update(named('a'), (current) => ({ ...current!.object, colour: 'blue' }) as Widget);
    const seen: string[] = [];
    await expect(
      widgets.update(named('a'), (current) => {
        seen.push((current!.object as Widget).colour!);
        throw new Error('refused');
      }),
    ).rejects.toThrow('refused');
    expect(seen.at(-1)).toBe('blue');
    await other.close();
  });

  it('creates on update only when asked to, and deletes only what the check accepts', async () => {
    await expect(paint('a', 'red')).rejects.toMatchObject({ code: 404 });
    const made = await widgets.update(named('a'), () => widget('a'), { createIfAbsent: true });
    expect(made.object.metadata!.name).toBe('a');
    const check = () => {
      throw new Error('precondition');
    };
    await expect(widgets.delete(named('a'), check)).rejects.toThrow('precondition');
    expect((await list()).items).toHaveLength(1);
  });

  it('gets another lease when etcd does not know the old one any more', async () => {
    const events = storage.resource({ ...WIDGETS, resource: 'events', storagePrefix: 'events', ttlSeconds: 3600 });
    const leases = () =>
      client.kv.range({ key: `/registry-${prefix}/events/`, rangeEnd: `/registry-${prefix}/events0` });
    const seen = watch({}, events);
    const { revision } = await events.create(named('a'), widget('a'));
    await client.leases.withLease(3600, (lease) => client.leases.revoke(lease));
    await seen.count(2);
    await events.create(named('b'), widget('b'));
    expect((await leases()).kvs.map(({ key }) => key)).toEqual([`/registry-${prefix}/events/default/b`]);
    expect(seen.events[1]!.revision).toBe(revision + 1);
  });

  it('lets objects with a time to live go', async () => {
    const events = storage.resource({ ...WIDGETS, resource: 'events', storagePrefix: 'events', ttlSeconds: 1 });
    const seen = watch({}, events);
    await events.create(named('a'), widget('a'));
    await seen.count(2);
    expect(seen.text()).toEqual(['ADDED a', 'DELETED a']);
  });
});

describe('list', () => {
  beforeEach(async () => {
    for (const [name, namespace] of [
      ['a', 'x'],
      ['b', 'x'],
      ['a', 'x-y'],
      ['c', 'z'],
      ['d', 'z'],
    ] as const) {
      await create(name, {}, namespace);
    }
  });

  it('is sorted by key and bounded by namespace', async () => {
    expect((await list()).items.map(({ key }) => `${key.namespace}/${key.name}`)).toEqual([
      'x-y/a',
      'x/a',
      'x/b',
      'z/c',
      'z/d',
    ]);
    expect(namesIn(await list({ namespace: 'z' }))).toEqual(['c', 'd']);
    expect(namesIn(await list({ namespace: 'none' }))).toEqual([]);
    expect(namesIn(await list({ namespace: 'z', name: 'd' }))).toEqual(['d']);
    expect(namesIn(await list({ name: 'a' }))).toEqual(['a', 'a']);
  });

  it('pages over one snapshot while objects come and go', async () => {
    const first = await list({ limit: 2, unfiltered: true });
    expect(namesIn(first)).toEqual(['a', 'a']);
    expect(first.remainingItemCount).toBe(3);
    await create('aa', {}, 'x');
    await widgets.delete(named('c', 'z'));
    const second = await list({ limit: 2, continue: first.continue!, unfiltered: true });
    expect(namesIn(second)).toEqual(['b', 'c']);
    expect(second.resourceVersion).toBe(first.resourceVersion);
    expect(second.remainingItemCount).toBe(1);
    const third = await list({ limit: 2, continue: second.continue!, unfiltered: true });
    expect(namesIn(third)).toEqual(['d']);
    expect(third.continue).toBeUndefined();
    expect(third.remainingItemCount).toBeUndefined();
  });

  it('pages alike from memory and from etcd, filtered or not', async () => {
    const walk = async (options: Partial<ListOptions>, between: () => Promise<unknown>) => {
      const pages: string[][] = [];
      for (let token: string | undefined = ''; token !== undefined;) {
        const page = await list({ limit: 2, ...options, ...(token ? { continue: token } : {}) });
        pages.push(page.items.map(({ key }) => `${key.namespace}/${key.name}`));
        token = page.continue;
        await between();
      }
      return pages;
    };
    const notB = { filter: ({ key }: { key: { name: string } }) => key.name !== 'b' };
    for (const options of [{}, { namespace: 'z' }, notB, { limit: 1, ...notB }]) {
      const quiet = await walk(options, async () => {});
      let step = 0;
      const busy = await walk(options, () => create(`new-${step++}-${JSON.stringify(options).length}`, {}, 'zz'));
      await Promise.all((await list({ namespace: 'zz' })).items.map(({ key }) => widgets.delete(key)));
      expect(busy).toEqual(quiet);
    }
  });

  it('answers exactly as of a past revision, with 410 once that is compacted', async () => {
    const before = await list();
    await create('e', {}, 'z');
    const exact = { resourceVersion: before.resourceVersion, resourceVersionMatch: 'Exact' } as const;
    expect(namesIn(await list(exact))).toEqual(namesIn(before));
    expect(namesIn(await list({ resourceVersion: before.resourceVersion, limit: 9 }))).toEqual(namesIn(before));
    // What was just written is certain to be there only for a list that asks for it.
    const newer = String(await storage.currentRevision());
    expect(namesIn(await list({ resourceVersion: newer, resourceVersionMatch: 'NotOlderThan' }))).toHaveLength(6);

    const page = await list({ limit: 2 });
    await create('f', {}, 'z');
    await client.kv.compact(await storage.currentRevision());
    await expect(list(exact)).rejects.toMatchObject({
      code: 410,
      reason: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    });
    const refused = await list({ limit: 2, continue: page.continue! }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 410, reason: 'Expired' });
    const { status } = refused as { status: { metadata: { continue: string } } };
    const rest = await list({ continue: status.metadata.continue });
    expect(namesIn(rest)).toEqual(['b', 'c', 'd', 'e', 'f']);
  });

  it('refuses a revision that does not come in time', async () => {
    const future = (await storage.currentRevision()) + 1_000;
    await expect(list({ resourceVersion: String(future) })).rejects.toMatchObject({
      code: 504,
      reason: 'Timeout',
      status: { details: { retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge' }] } },
    });
  });

  it('waits for a revision that is about to come', async () => {
    const next = (await storage.currentRevision()) + 1;
    const reading = widgets.get(named('new'), { resourceVersion: String(next) });
    await create('new');
    expect((await reading).revision).toBe(next);
  });

  it('sees what another server has just written', async () => {
    const other = await openStorage({ etcd: client, prefix: `/registry-${prefix}`, compactionIntervalMs: 0 });
    const theirs = other.resource(WIDGETS);
    for (let step = 0; step < 20; step++) {
      const written = await theirs.create(named(`from-there-${step}`), widget('x'));
      const read = await widgets.get(written.key, { resourceVersion: '' });
      expect(read.revision).toBe(written.revision);
    }
    await other.close();
  });
});

describe('watch', () => {
  it('starts with the state, marks its end and goes on without a gap', async () => {
    await create('b');
    await create('a');
    const seen = watch({ sendInitialEvents: true, allowBookmarks: true });
    await seen.count(3);
    await create('c');
    await seen.count(4);
    expect(seen.text()).toEqual(['ADDED a', 'ADDED b', expect.stringMatching(/^BOOKMARK/), 'ADDED c']);
    expect(seen.events[2]).toMatchObject({ initialEventsEnd: true });
  });

  it('resumes after any revision it has seen, each event once', async () => {
    const first = await create('a');
    for (let step = 0; step < 20; step++) await paint('a', `colour-${step}`);
    const whole = watch({ resourceVersion: String(first.revision) });
    await whole.count(20);
    for (const [index, { revision }] of whole.events.entries()) {
      const rest = watch({ resourceVersion: String(revision) });
      await rest.count(19 - index);
      expect(rest.events).toEqual(whole.events.slice(index + 1));
    }
  });

  it('shows deletions with the revision of the deletion, and transitions through a filter', async () => {
    await create('a');
    const red = watch({ sendInitialEvents: false, filter: ({ object }) => (object as Widget).colour === 'red' });
    const all = watch({ sendInitialEvents: false });
    await list();
    await paint('a', 'red');
    const blue = await paint('a', 'blue');
    await paint('a', 'red');
    const deleted = await widgets.delete(named('a'));
    await red.count(4);
    await all.count(4);
    expect(red.text()).toEqual(['ADDED a', 'DELETED a', 'ADDED a', 'DELETED a']);
    expect(red.events[1]).toMatchObject({
      revision: blue.revision,
      object: { object: { colour: 'red', metadata: { resourceVersion: String(blue.revision) } } },
    });
    expect(all.text()).toEqual(['MODIFIED a', 'MODIFIED a', 'MODIFIED a', 'DELETED a']);
    expect(all.events[3]).toMatchObject({ revision: deleted.revision });
  });

  it('shares one object between the writer, the cache and all watchers', async () => {
    const [one, other] = [watch(), watch()];
    await one.count(0);
    await widgets.get(named('x'), { resourceVersion: '' }).catch(() => {});
    const created = await create('a');
    await one.count(1);
    await other.count(1);
    const read = await widgets.get(named('a'), { resourceVersion: '' });
    const objects = [...one.events, ...other.events].map((event) => 'object' in event && event.object);
    for (const object of [...objects, read]) expect(object).toBe(created);
  });

  it('brings bookmarks that move on while its own resource is quiet', async () => {
    const clock = new FakeClock();
    await storage.close();
    storage = await openStorage({ etcd: client, prefix: `/registry-${prefix}`, compactionIntervalMs: 0, clock });
    widgets = storage.resource(WIDGETS);
    const others = storage.resource({ ...WIDGETS, resource: 'others', storagePrefix: 'others' });
    await storage.ready();
    const seen = watch({ allowBookmarks: true, resourceVersion: '0' });
    await widgets.get(named('x'), { resourceVersion: '' }).catch(() => {});
    const { revision } = await others.create(named('a'), widget('a'));
    await others.get(named('a'), { resourceVersion: String(revision) });
    clock.step(61_000);
    await seen.count(1);
    expect(seen.events).toEqual([{ type: 'BOOKMARK', revision }]);
  });

  it('is refused from before what is remembered', async () => {
    const { revision } = await create('a');
    const late = await openStorage({ etcd: client, prefix: `/registry-${prefix}`, compactionIntervalMs: 0 });
    const seen = watch({ resourceVersion: String(revision - 1) }, late.resource(WIDGETS));
    await expect(seen.ended).rejects.toMatchObject({
      code: 410,
      reason: 'Expired',
      message: `too old resource version: ${revision - 1} (${late.revision})`,
    });
    await late.close();
  });

  it('is refused from a revision that etcd has not reached', async () => {
    const { revision } = await create('a');
    const seen = watch({ resourceVersion: String(revision + 1_000) });
    await expect(seen.ended).rejects.toMatchObject({ code: 410, reason: 'Expired' });
  });
});

describe('resources that come and go', () => {
  it('fill from what is stored, without losing what is written meanwhile', async () => {
    for (let step = 0; step < 30; step++) await create(`old-${step}`);
    widgets.close();
    const other = await openStorage({ etcd: client, prefix: `/registry-${prefix}`, compactionIntervalMs: 0 });
    const theirs = other.resource(WIDGETS);
    await theirs.ready();
    widgets = storage.resource(WIDGETS);
    const seen = watch({ resourceVersion: '0' });
    for (let step = 0; step < 30; step++) await theirs.create(named(`new-${step}`), widget(`new-${step}`));
    await seen.count(60);
    expect(new Set(seen.text()).size).toBe(60);
    expect(namesIn(await list())).toHaveLength(60);
    await other.close();
  });

  it('cannot overlap, and end their watches when they go', async () => {
    expect(() => storage.resource(WIDGETS)).toThrow('is taken');
    const seen = watch();
    await list();
    widgets.close();
    await seen.ended;
    widgets = storage.resource(WIDGETS);
    expect((await list()).items).toEqual([]);
  });
});

it('compacts what is older than an interval', async () => {
  const clock = new FakeClock();
  const options = { etcd: client, prefix: `/registry-${prefix}`, compactionIntervalMs: 300_000 };
  const server = await openStorage({ ...options, clock });
  const turns = () => client.kv.get('compact_rev_key').then(({ kv }) => kv?.modRevision ?? 0);
  const takeTurn = async () => {
    const before = await turns();
    clock.step(300_000);
    while ((await turns()) === before);
  };
  const isCompacted = (revision: number) =>
    client.kv.range({ key: '/', revision }).then(
      () => false,
      () => true,
    );
  await takeTurn();
  const { revision: old } = await create('a');
  await takeTurn();
  const { revision: young } = await paint('a', 'red');
  expect(await isCompacted(old)).toBe(false);
  await takeTurn();
  while (!(await isCompacted(old)));
  expect(await isCompacted(young)).toBe(false);
  await server.close();
});
