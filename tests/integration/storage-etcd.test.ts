import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  EtcdCompacted,
  EtcdError,
  EtcdUnavailable,
  createEtcdClient,
  type EtcdClient,
  type EtcdTls,
  type WatchEvent,
} from '@pilothouse/etcd';
import { createCertificateAuthority, createSignedCertificate } from '@pilothouse/pki';
import { freePort, startEtcd, type StartEtcdOptions } from '@pilothouse/testing';

async function withEtcd(
  test: (client: EtcdClient, endpoint: string) => Promise<void>,
  options: StartEtcdOptions = {},
  clientOptions: object = {},
): Promise<void> {
  const etcd = await startEtcd(options);
  const client = createEtcdClient({ endpoints: [etcd.endpoint], ...clientOptions });
  try {
    await test(client, etcd.endpoint);
  } finally {
    client.close();
    await etcd.stop();
  }
}

const put = (client: EtcdClient, key: string, value = 'x', expectedModRevision = 0) =>
  client.kv.put({ key, value: Buffer.from(value), expectedModRevision });

describe('the etcd client', () => {
  it('reads ranges with limits, past revisions, counts and keys only', () =>
    withEtcd(async ({ kv }) => {
      const client = { kv } as EtcdClient;
      for (const name of ['a', 'b', 'c']) await put(client, `/k/${name}`);
      const { revision } = await put(client, '/k/a', 'newer', 2);
      const range = { key: '/k/', rangeEnd: '/k0' };
      expect(await kv.range({ ...range, limit: 2 })).toMatchObject({
        more: true,
        count: 3,
        kvs: [{ key: '/k/a' }, { key: '/k/b' }],
      });
      expect((await kv.range({ ...range, revision: revision - 1 })).kvs[0]!.value.toString()).toBe('x');
      expect(await kv.range({ ...range, countOnly: true })).toMatchObject({ count: 3, kvs: [] });
      expect((await kv.range({ ...range, keysOnly: true })).kvs[0]!.value).toHaveLength(0);
      const newestFirst = await kv.range({ ...range, sort: { order: 'descend', target: 'mod' } });
      expect(newestFirst.kvs.map(({ key }) => key)).toEqual(['/k/a', '/k/c', '/k/b']);
      await kv.compact(revision);
      await expect(kv.range({ ...range, revision: 2 })).rejects.toThrow(EtcdCompacted);
      await expect(kv.range({ ...range, revision: 999 })).rejects.toThrow('future revision');
    }));

  it('deletes only what stands at the expected revision, and tells what stands there instead', () =>
    withEtcd(async (client) => {
      await put(client, '/a');
      expect(await client.kv.delete({ key: '/a', expectedModRevision: 9 })).toMatchObject({
        succeeded: false,
        current: { modRevision: 2 },
      });
      expect(await client.kv.delete({ key: '/a', expectedModRevision: 2 })).toMatchObject({
        succeeded: true,
        revision: 3,
      });
    }));

  it('watches with previous values, and hears the compact revision when it comes too late', () =>
    withEtcd(async (client) => {
      await put(client, '/a', 'one');
      await put(client, '/a', 'two', 2);
      const events = await new Promise<readonly WatchEvent[]>((resolve) => {
        client.watch({ key: '/a', startRevision: 3, prevKv: true }, { events: resolve, compacted: () => {} });
      });
      expect(events.map(({ kv, previous }) => [String(kv.value), String(previous?.value)])).toEqual([['two', 'one']]);
      await client.kv.compact(3);
      const compacted = await new Promise<EtcdCompacted>((resolve) => {
        client.watch({ key: '/a', startRevision: 1 }, { events: () => {}, compacted: resolve });
      });
      expect(compacted.compactRevision).toBe(3);
    }));

  it('puts together what etcd had to cut up', () =>
    withEtcd(async (client) => {
      // One revision with more than the 1.5 MiB that etcd sends at a time: many keys that one lease takes away.
      const lease = await client.leases.grant(600);
      const value = Buffer.alloc(100_000, 1);
      for (let key = 0; key < 40; key++)
        await client.kv.put({ key: `/k/${key}`, value, expectedModRevision: 0, lease });
      const { revision } = await client.kv.get('/');
      const gone = new Promise<{ events: readonly WatchEvent[]; revision: number }>((resolve) => {
        client.watch(
          { key: '\0', rangeEnd: '\0', startRevision: revision + 1, prevKv: true },
          {
            events: (events, at) => resolve({ events, revision: at }),
            compacted: () => {},
            opened: () => void client.leases.revoke(lease),
          },
        );
      });
      const { events, revision: at } = await gone;
      expect(events).toHaveLength(40);
      expect(new Set(events.map(({ kv }) => kv.modRevision))).toEqual(new Set([at]));
    }));

  it('takes a snapshot, defragments and tells its status', () =>
    withEtcd(async (client, endpoint) => {
      await put(client, '/a', 'x'.repeat(100_000));
      let size = 0;
      for await (const chunk of client.maintenance.snapshot(endpoint)) size += chunk.length;
      expect(size).toBeGreaterThan(100_000);
      await client.maintenance.defragment(endpoint);
      expect(await client.maintenance.status(endpoint)).toMatchObject({ revision: 2, errors: [] });
      expect(await client.maintenance.alarms()).toEqual([]);
    }));

  it('goes on to another endpoint when one does not answer', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const etcd = await startEtcd();
    const client = createEtcdClient({ endpoints: [dead, etcd.endpoint] });
    expect(await put(client, '/a')).toMatchObject({ succeeded: true });
    expect(await client.maintenance.alarms()).toEqual([]);
    client.close();
    await etcd.stop();
  });

  it('says that nothing was sent when nobody is there', async () => {
    const client = createEtcdClient({ endpoints: [`http://127.0.0.1:${await freePort()}`], retryMs: 200 });
    await expect(put(client, '/a')).rejects.toMatchObject({ name: 'EtcdUnavailable', sent: false });
    await expect(put(client, '/a')).rejects.toThrow(EtcdUnavailable);
    client.close();
  });

  it('logs in with a user and a password, and again when its token is not known any more', async () => {
    const etcd = await startEtcd();
    const { Etcd3 } = await import('etcd3');
    const etcd3 = new Etcd3({ hosts: etcd.endpoint });
    await etcd3.user('root').create('secret');
    await etcd3.user('root').addRole('root');
    await etcd3.auth.authEnable();
    etcd3.close();
    const stranger = createEtcdClient({ endpoints: [etcd.endpoint] });
    await expect(put(stranger, '/a')).rejects.toThrow('etcdserver: user name is empty');
    stranger.close();
    const client = createEtcdClient({ endpoints: [etcd.endpoint], auth: { username: 'root', password: 'secret' } });
    expect(await put(client, '/a')).toMatchObject({ succeeded: true });
    expect(await client.maintenance.alarms()).toEqual([]);
    // etcd keeps its tokens in memory only.
    await etcd.restart();
    expect((await client.kv.get('/a')).kv!.key).toBe('/a');
    expect(await put(client, '/b')).toMatchObject({ succeeded: true });
    client.close();
    await etcd.stop();
  });

  it('speaks mutual TLS, and is refused without a certificate', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pilothouse-tls-'));
    const ca = await createCertificateAuthority('etcd-ca');
    const server = await createSignedCertificate(ca, {
      commonName: 'etcd',
      hosts: ['127.0.0.1'],
      usages: ['server', 'client'],
    });
    const own = await createSignedCertificate(ca, { commonName: 'apiserver', usages: ['client'] });
    const files = { caFile: join(dir, 'ca'), certFile: join(dir, 'cert'), keyFile: join(dir, 'key') };
    await Promise.all([
      writeFile(files.caFile, ca.certPem),
      writeFile(files.certFile, server.certPem),
      writeFile(files.keyFile, server.keyPem),
    ]);
    const tls = { ca: Buffer.from(ca.certPem), cert: Buffer.from(own.certPem), key: Buffer.from(own.keyPem) };
    await withEtcd(
      async (client, endpoint) => {
        expect(await put(client, '/a')).toMatchObject({ succeeded: true });
        expect(await client.maintenance.alarms()).toEqual([]);
        const stranger = createEtcdClient({ endpoints: [endpoint], tls: { ca: tls.ca }, retryMs: 200 });
        await expect(stranger.kv.get('/b')).rejects.toThrow(EtcdUnavailable);
        stranger.close();
        // A certificate that is renewed in place is used at the next connection, by both transports.
        let current: EtcdTls = { ca: tls.ca };
        const renewing = createEtcdClient({ endpoints: [endpoint], tls: () => current, retryMs: 0 });
        await expect(renewing.kv.get('/a')).rejects.toThrow(EtcdUnavailable);
        await expect(renewing.maintenance.alarms()).rejects.toThrow(EtcdError);
        current = tls;
        expect((await renewing.kv.get('/a')).kv!.key).toBe('/a');
        expect(await renewing.maintenance.alarms()).toEqual([]);
        renewing.close();
      },
      { tls: files },
      { tls },
    );
    await rm(dir, { recursive: true });
  });
});
