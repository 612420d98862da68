import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubeObject } from '@pilothouse/apimachinery';
import { createEtcdClient, type EtcdClient } from '@pilothouse/etcd';
import { openStorage, type ResourceStore, type Storage } from '@pilothouse/storage';
import { startEtcd, type RunningEtcd } from '@pilothouse/testing';
import { WIDGETS, named, watchAll } from './storage-load.ts';

/**
 * The storage contract as something so simple that it is plainly right: a list of versions. Two servers over one etcd are
 * asked the same as the model, in any order that fast-check thinks of, each command of whichever server it names.
 */
interface Version {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly name: string;
  readonly revision: number;
  readonly value: number;
}

class Model {
  readonly history: Version[] = [];
  compactedAt = 0;

  /** The newest revision of all. */
  revision = 0;

  /** What there was at a revision, by name. */
  at(revision: number): Map<string, Version> {
    const present = new Map<string, Version>();
    for (const version of this.history) {
      if (version.revision > revision) break;
      if (version.type === 'DELETED') present.delete(version.name);
      else present.set(version.name, version);
    }
    return new Map([...present].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  now(): Map<string, Version> {
    return this.at(this.revision);
  }

  add(version: Version): void {
    this.history.push(version);
    this.revision = version.revision;
  }
}

interface Real {
  readonly stores: readonly ResourceStore[];
  readonly etcd: EtcdClient;
}

type Command = fc.AsyncCommand<Model, Real>;

const widget = (name: string, value: number): KubeObject => ({ metadata: { name }, spec: { value } }) as KubeObject;
const valueOf = (object: KubeObject): number => (object as { spec?: { value: number } }).spec!.value;
const anything = () => true;

function command(text: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: anything, run, toString: () => text };
}

const create = (server: number, name: string, value: number) =>
  command(`create ${name}=${value} by ${server}`, async (model, { stores }) => {
    const creating = stores[server]!.create(named(name), widget(name, value));
    if (model.now().has(name)) {
      await expect(creating).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
      return;
    }
    const { revision } = await creating;
    expect(revision).toBeGreaterThan(model.revision);
    model.add({ type: 'ADDED', name, revision, value });
  });

const update = (server: number, name: string, value: number) =>
  command(`update ${name}=${value} by ${server}`, async (model, { stores }) => {
    const before = model.now().get(name);
    const updating = stores[server]!.update(named(name), () => widget(name, value));
    if (!before) {
      await expect(updating).rejects.toMatchObject({ code: 404 });
      return;
    }
    const { revision } = await updating;
    // The same again is no write.
    if (before.value === value) expect(revision).toBe(before.revision);
    else model.add({ type: 'MODIFIED', name, revision, value });
  });

const remove = (server: number, name: string) =>
  command(`delete ${name} by ${server}`, async (model, { stores }) => {
    const before = model.now().get(name);
    const removing = stores[server]!.delete(named(name));
    if (!before) {
      await expect(removing).rejects.toMatchObject({ code: 404 });
      return;
    }
    const { revision } = await removing;
    model.add({ type: 'DELETED', name, revision, value: before.value });
  });

/** By two servers at once: one of them must win, whole. */
const race = (name: string, values: readonly [number, number]) =>
  command(`race for ${name}=${values.join('/')}`, async (model, { stores }) => {
    const before = model.now().get(name);
    const outcomes = await Promise.allSettled(
      values.map((value, server) =>
        before
          ? stores[server]!.update(named(name), (current) => widget(name, valueOf(current!.object) * 10 + value))
          : stores[server]!.create(named(name), widget(name, value)),
      ),
    );
    const won = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(won).toHaveLength(before ? 2 : 1);
    for (const { revision, object } of won.sort((a, b) => a.revision - b.revision)) {
      model.add({ type: before ? 'MODIFIED' : 'ADDED', name, revision, value: valueOf(object) });
    }
    if (before) {
      // Neither update was made on what the other had already replaced.
      const [first, second] = won;
      expect(Math.floor(valueOf(second!.object) / 10)).toBe(valueOf(first!.object));
    }
  });

const get = (server: number, name: string) =>
  command(`get ${name} by ${server}`, async (model, { stores }) => {
    const expected = model.now().get(name);
    const getting = stores[server]!.get(named(name), { resourceVersion: '' });
    if (!expected) {
      await expect(getting).rejects.toMatchObject({ code: 404 });
      return;
    }
    const { revision, object } = await getting;
    expect([revision, valueOf(object)]).toEqual([expected.revision, expected.value]);
  });

const list = (server: number, limit: number) =>
  command(`list by ${server}, ${limit} at a time`, async (model, { stores }) => {
    const found: [string, number, number][] = [];
    let token: string | undefined;
    do {
      const page = await stores[server]!.list({
        ...{ namespace: '', resourceVersion: '', limit },
        ...(token && { continue: token }),
      });
      found.push(
        ...page.items.map((each) => [each.key.name, each.revision, valueOf(each.object)] as [string, number, number]),
      );
      token = page.continue;
    } while (token);
    expect(found).toEqual([...model.now().values()].map(({ name, revision, value }) => [name, revision, value]));
  });

const listAt = (server: number, back: number) =>
  command(`list by ${server} as it was ${back} versions ago`, async (model, { stores }) => {
    const version = model.history.at(-1 - back);
    if (!version) return;
    const options = {
      namespace: '',
      resourceVersion: String(version.revision),
      resourceVersionMatch: 'Exact',
    } as const;
    const listing = stores[server]!.list(options);
    if (version.revision < model.compactedAt) {
      // The cache may still have it; only etcd has forgotten.
      await expect(listing).rejects.toMatchObject({ code: 410, reason: 'Expired' });
      return;
    }
    const { items } = await listing;
    expect(items.map((each) => [each.key.name, each.revision])).toEqual(
      [...model.at(version.revision).values()].map(({ name, revision }) => [name, revision]),
    );
  });

/** From any version that the cache remembers (all of them, here), exactly what happened since. */
const watch = (server: number, back: number) =>
  command(`watch by ${server} from ${back} versions ago`, async (model, { stores }) => {
    const from = model.history.at(-1 - back)?.revision;
    if (from === undefined) return;
    const expected = model.history.filter(({ revision }) => revision > from);
    const abort = new AbortController();
    const seen = watchAll(stores[server]!, String(from), abort);
    await seen.until(() => seen.events.length >= expected.length);
    abort.abort();
    await seen.ended;
    const changes = seen.events.flatMap((event) => (event.type === 'BOOKMARK' ? [] : [event]));
    expect(
      changes.map(({ type, revision, object }) => [type, object.key.name, revision, valueOf(object.object)]),
    ).toEqual(expected.map(({ type, name, revision, value }) => [type, name, revision, value]));
  });

const compact = () =>
  command('compact', async (model, { etcd }) => {
    if (model.history.length === 0 || model.revision <= model.compactedAt) return;
    await etcd.kv.compact(model.revision);
    model.compactedAt = model.revision;
  });

const server = fc.nat(1);
const name = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.integer({ min: 1, max: 3 });
const COMMANDS: fc.Arbitrary<Command>[] = [
  fc.tuple(server, name, value).map((args) => create(...args)),
  fc.tuple(server, name, value).map((args) => update(...args)),
  fc.tuple(server, name).map((args) => remove(...args)),
  fc.tuple(name, fc.tuple(value, value)).map((args) => race(...args)),
  fc.tuple(server, name).map((args) => get(...args)),
  fc.tuple(server, fc.nat(3)).map((args) => list(...args)),
  fc.tuple(server, fc.nat(6)).map((args) => listAt(...args)),
  fc.tuple(server, fc.nat(12)).map((args) => watch(...args)),
  fc.constant(compact()),
];

let member: RunningEtcd;
let etcds: EtcdClient[];
let storages: Storage[];

beforeAll(async () => {
  member = await startEtcd();
  etcds = [1, 2].map(() => createEtcdClient({ endpoints: [member.endpoint] }));
  storages = await Promise.all(etcds.map((etcd) => openStorage({ etcd, compactionIntervalMs: 0 })));
});

afterAll(async () => {
  await Promise.all(storages.map((each) => each.close()));
  etcds.forEach((each) => each.close());
  await member.stop();
});

it('does what a plain list of versions would do, whatever it is asked', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(COMMANDS, { size: '+1' }), async (commands) => {
      const storagePrefix = `widgets-${++run}`;
      const stores = storages.map((each) => each.resource({ ...WIDGETS, storagePrefix }));
      const model = new Model();
      model.revision = await storages[0]!.currentRevision();
      try {
        await fc.asyncModelRun(() => ({ model, real: { stores, etcd: etcds[0]! } }), commands);
      } finally {
        stores.forEach((store) => store.close());
      }
    }),
    { numRuns: 40 },
  );
});
