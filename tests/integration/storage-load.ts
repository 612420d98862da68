import { expect } from 'vitest';
import { StatusError, type KubeObject } from '@pilothouse/apimachinery';
import type { EtcdClient } from '@pilothouse/etcd';
import type { ResourceStore, StoredEvent } from '@pilothouse/storage';

// Load on storage whose every acknowledged write is accounted for, and the check that nothing was lost or repeated.

const codec = {
  encode: (object: KubeObject) => Buffer.from(JSON.stringify(object)),
  decode: (bytes: Buffer): KubeObject => JSON.parse(bytes.toString()),
};
/** A resource in JSON, without namespaces. */
export const WIDGETS = { group: '', resource: 'widgets', storagePrefix: 'widgets', namespaced: false, codec };
export const named = (name: string) => ({ namespace: '', name });

/** Gathers the events after `from` ('0': the state and all after it) until `abort`. */
export function watchAll(widgets: ResourceStore, from: string, abort: AbortController) {
  const events: StoredEvent[] = [];
  let wanted: { check: () => boolean; resolve: () => void } | undefined;
  const ended = (async () => {
    const stream = widgets.watch({ namespace: '', resourceVersion: from, allowBookmarks: false, signal: abort.signal });
    for await (const batch of stream) {
      events.push(...batch);
      if (wanted?.check()) wanted.resolve();
    }
  })();
  ended.catch(() => {});
  const until = async (check: () => boolean) => {
    if (check()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    wanted = { check, resolve };
    await Promise.race([promise, ended]);
  };
  return { events, ended, until };
}

/** Creates, updates and deletes until told to stop; keeps account of what was acknowledged. */
export function writeUnderLoad(widgets: ResourceStore, workers: number) {
  const acknowledged = new Map<number, string>();
  const inDoubt: string[] = [];
  let going = true;
  const work = async (worker: number) => {
    for (let step = 0; going; step++) {
      const name = `w${worker}-${step}`;
      const record = async (what: string, write: Promise<{ revision: number }>) => {
        const { revision } = await write;
        expect(acknowledged.has(revision), `revision ${revision} was acknowledged twice`).toBe(false);
        acknowledged.set(revision, `${what} ${name}`);
      };
      try {
        await record('ADDED', widgets.create(named(name), { metadata: { name, uid: name } }));
        await record(
          'MODIFIED',
          widgets.update(named(name), (current) => ({ ...current!.object, step }) as KubeObject),
        );
        if (step % 3 === 0) await record('DELETED', widgets.delete(named(name)));
      } catch (error) {
        if (!(error instanceof StatusError) || error.code < 500) throw error;
        inDoubt.push(name);
      }
    }
  };
  const all = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return {
    acknowledged,
    inDoubt,
    async count(count: number) {
      while (acknowledged.size < count) await new Promise((resolve) => setImmediate(resolve));
    },
    async stop() {
      going = false;
      await all;
    },
  };
}

/** Every event once and in order, every acknowledged write among them, and the cache as etcd has it. */
export async function expectNothingLost(
  client: EtcdClient,
  widgets: ResourceStore,
  load: ReturnType<typeof writeUnderLoad>,
  seen: ReturnType<typeof watchAll>,
) {
  const last = Math.max(...load.acknowledged.keys());
  await seen.until(() => (seen.events.at(-1)?.revision ?? 0) >= last);
  const revisions = seen.events.map(({ revision }) => revision);
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  const events = new Map(
    seen.events.map((event) => [event.revision, `${event.type} ${'object' in event && event.object.key.name}`]),
  );
  for (const [revision, what] of load.acknowledged) expect(events.get(revision)).toBe(what);
  const { kvs } = await client.kv.range({ key: '/registry/widgets/', rangeEnd: '/registry/widgets0' });
  const { items } = await widgets.list({ namespace: '', resourceVersion: '' });
  expect(items.map(({ key, revision }) => [`/registry/widgets/${key.name}`, revision])).toEqual(
    kvs.map(({ key, modRevision }) => [key, modRevision]),
  );
}
