import { FakeClock, silentLogger } from '@pilothouse/component';
import type { EtcdClient, PutRequest } from '@pilothouse/etcd';
import { expect, it } from 'vitest';
import { Compactor } from './compactor.ts';

/** One key with a mod revision is all that a compactor sees of etcd. */
class OneKeyEtcd {
  revision = 1;
  compactedTo: number | undefined;
  #modRevision = 0;

  readonly client = {
    kv: {
      put: async ({ expectedModRevision }: PutRequest) => {
        const succeeded = expectedModRevision === this.#modRevision;
        if (succeeded) this.#modRevision = ++this.revision;
        return {
          succeeded,
          revision: this.revision,
          current: succeeded ? undefined : { modRevision: this.#modRevision },
        };
      },
      compact: async (revision: number) => {
        this.compactedTo = revision;
      },
    },
  } as unknown as EtcdClient;
}

function servers() {
  const etcd = new OneKeyEtcd();
  const create = () => new Compactor(etcd.client, new FakeClock(), silentLogger(), 300_000);
  return { etcd, one: create(), other: create() };
}

it('compacts to what was current an interval ago', async () => {
  const { etcd, one } = servers();
  expect(await one.compactOnce()).toBeUndefined();
  const noted = etcd.revision;
  etcd.revision += 10;
  expect(await one.compactOnce()).toBe(noted);
  expect(etcd.compactedTo).toBe(noted);
});

it('leaves the turn to whoever took it since the last look', async () => {
  const { etcd, one, other } = servers();
  await one.compactOnce();
  expect(await other.compactOnce()).toBeUndefined();
  etcd.revision += 10;
  expect(await one.compactOnce()).toBe(2);
  expect(await other.compactOnce()).toBeUndefined();
});

it('takes over from one that fell silent, never compacting less than an interval back', async () => {
  const { etcd, one, other } = servers();
  await one.compactOnce();
  await other.compactOnce();
  await one.compactOnce();
  etcd.revision += 10;
  await other.compactOnce();
  const seen = etcd.revision;
  etcd.revision += 10;
  expect(await other.compactOnce()).toBe(seen);
});
