import { expect, it } from 'vitest';
import { FakeClock, silentLogger } from '@pilothouse/component';
import type { EtcdClient, EtcdWatch, KeyValue, WatchEvent, WatchHandler } from '@pilothouse/etcd';
import { Log, type LogFollower } from './log.ts';

const entry = (key: string, modRevision: number): KeyValue => ({
  ...{ key, modRevision, createRevision: modRevision, value: Buffer.from('x') },
});
const put = (key: string, revision: number): WatchEvent => ({
  ...{ type: 'put', kv: entry(key, revision), previous: undefined },
});

/** etcd whose watch the test plays, at `revision`, with `kvs` in it. */
async function makeLog(revision: number, kvs: readonly KeyValue[] = []) {
  const clock = new FakeClock();
  const state = { revision, kvs, handler: undefined as unknown as WatchHandler, movedOn: [] as string[] };
  const etcd = {
    kv: { range: async () => ({ kvs: state.kvs, more: false, count: 0, revision: state.revision }) },
    watch(_options: unknown, handler: WatchHandler) {
      state.handler = handler;
      handler.opened?.(state.revision, 'c');
      return { close() {}, moveOn: (why: Error) => void state.movedOn.push(why.message) } as EtcdWatch;
    },
  } as unknown as EtcdClient;
  const currentRevision = async () => state.revision;
  const log = new Log({ etcd, root: '/registry/', currentRevision, clock, logger: silentLogger(), metrics: {} });
  await log.start();
  return { log, clock, state };
}

it('leaves a member whose watch stands still while etcd goes on', async () => {
  const { log, clock, state } = await makeLog(5);
  const late = log.catchUp(9, 3_000);
  await clock.run(3_000);
  expect(await late).toBe(false);
  expect(state.movedOn).toEqual(['etcd is at revision 9, its watch still at 5']);
});

it('stays with a member that is only slow, and ignores revisions that nobody has seen', async () => {
  const { log, clock, state } = await makeLog(5);
  const late = log.catchUp(9, 3_000);
  state.handler.events([put('/registry/pods/a', 6)], 6);
  const wild = log.waitFor(1_000_000, 3_000);
  await clock.run(3_000);
  expect([await late, await wild]).toEqual([false, false]);
  expect(state.movedOn).toEqual([]);
});

it('lists everything anew rather than lose events that could not be applied', async () => {
  const { log, clock, state } = await makeLog(5);
  const applied: string[] = [];
  const states: { keys: string[]; revision: number }[] = [];
  let broken = true;
  const follower: LogFollower = {
    apply({ kv }) {
      if (broken && kv.key.endsWith('b')) throw new Error('no');
      applied.push(kv.key);
    },
    reset: (kvs, revision) => void states.push({ keys: kvs.map(({ key }) => key), revision }),
  };
  await log.attach('pods', follower);
  state.kvs = [entry('/registry/pods/a', 6), entry('/registry/pods/b', 7)];
  state.revision = 7;
  state.handler.events([put('/registry/pods/a', 6), put('/registry/pods/b', 7)], 7);
  broken = false;
  await clock.run(0);
  expect(states.at(-1)).toEqual({ keys: ['/registry/pods/a', '/registry/pods/b'], revision: 7 });
  expect(log.revision).toBe(7);
  state.handler.events([put('/registry/pods/b', 8)], 8);
  expect(applied.at(-1)).toBe('/registry/pods/b');
});
