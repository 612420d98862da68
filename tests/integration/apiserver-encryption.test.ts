import { createDecipheriv } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEtcdClient, type EtcdClient } from '@pilothouse/etcd';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, startEtcd, type RunningApiserver, type RunningEtcd } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';
import { KmsPlugin } from './kms-plugin.ts';

const SECRETS = '/api/v1/namespaces/default/secrets';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const KEY_1 = Buffer.alloc(32, 1);
const KEY_2 = Buffer.alloc(32, 2);
const VALUE = 'the-plain-value';

let dir: string;
let etcd: RunningEtcd;
let client: EtcdClient;
let server: RunningApiserver | undefined;
let requests: Requests;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pilothouse-encryption-'));
  etcd = await startEtcd();
  client = createEtcdClient({ endpoints: [etcd.endpoint] });
});

afterEach(async () => {
  requests?.close();
  await server?.stop();
  server = undefined;
});

afterAll(async () => {
  client?.close();
  await etcd?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const keyed = (kind: 'aescbc' | 'aesgcm' | 'secretbox', ...keys: [name: string, secret: Buffer][]) => ({
  [kind]: { keys: keys.map(([name, secret]) => ({ name, secret: secret.toString('base64') })) },
});

function configure(providers: object[]): string {
  return writeConfiguration([{ resources: ['secrets'], providers }]);
}

/** Written beside and moved into place, as a projected volume does it. */
function writeConfiguration(resources: object[]): string {
  const file = join(dir, 'encryption.yaml');
  const configuration = { kind: 'EncryptionConfiguration', apiVersion: 'apiserver.config.k8s.io/v1' };
  writeFileSync(`${file}.new`, JSON.stringify({ ...configuration, resources }));
  renameSync(`${file}.new`, file);
  return file;
}

async function start(providers?: object[], ...flags: string[]): Promise<void> {
  const encryption = providers ? [`--encryption-provider-config=${configure(providers)}`] : [];
  server = await startApiserver({ etcd, flags: [...encryption, ...flags] });
  requests = requestsOf(server);
}

async function stopServer(): Promise<void> {
  requests.close();
  await server!.stop();
  server = undefined;
}

const stored = async (path: string): Promise<Buffer> => {
  const { kv } = await client.kv.get(`/registry/${path}`);
  return kv?.value ?? Buffer.alloc(0);
};

async function createSecret(name: string): Promise<void> {
  const { code, text } = await requests.post(SECRETS, { metadata: { name }, stringData: { a: VALUE } });
  expect(code, text).toBe(201);
}

const valueOf = async (name: string): Promise<string> => {
  const { body } = await requests.get(`${SECRETS}/${name}`);
  return Buffer.from((body.data?.a as string | undefined) ?? '', 'base64').toString();
};

/** An update that changes nothing. */
const touch = async (name: string) =>
  requests.put(`${SECRETS}/${name}`, (await requests.get(`${SECRETS}/${name}`)).body);

describe('secrets in etcd', () => {
  it('and others are encrypted as the configuration says, read, listed and watched', async () => {
    const resources = [
      { resources: ['secrets'], providers: [keyed('secretbox', ['key1', KEY_1])] },
      { resources: ['configmaps'], providers: [keyed('aesgcm', ['key1', KEY_1]), { identity: {} }] },
      { resources: ['*.coordination.k8s.io'], providers: [keyed('aescbc', ['key1', KEY_1]), { identity: {} }] },
    ];
    const flags = [`--encryption-provider-config=${writeConfiguration(resources)}`];
    server = await startApiserver({ etcd, flags });
    requests = requestsOf(server);
    await createSecret('a');
    await requests.post(CONFIG_MAPS, { metadata: { name: 'a' }, data: { a: VALUE } });
    await requests.post('/apis/coordination.k8s.io/v1/namespaces/default/leases', {
      metadata: { name: 'a' },
      spec: { holderIdentity: VALUE },
    });
    await requests.post('/api/v1/namespaces/default/serviceaccounts', {
      metadata: { name: 'a', labels: { a: VALUE } },
    });
    for (const [path, prefix] of [
      ['secrets/default/a', 'k8s:enc:secretbox:v1:key1:'],
      ['configmaps/default/a', 'k8s:enc:aesgcm:v1:key1:'],
      ['leases/default/a', 'k8s:enc:aescbc:v1:key1:'],
    ] as const) {
      const bytes = await stored(path);
      expect(bytes.subarray(0, prefix.length).toString()).toBe(prefix);
      expect(bytes.includes(VALUE)).toBe(false);
    }
    expect((await stored('serviceaccounts/default/a')).includes(VALUE)).toBe(true);
    // The format is everybody's: nonce, ciphertext and tag, bound to the key in etcd.
    const data = (await stored('configmaps/default/a')).subarray('k8s:enc:aesgcm:v1:key1:'.length);
    const cipher = createDecipheriv('aes-256-gcm', KEY_1, data.subarray(0, 12));
    cipher.setAAD(Buffer.from('/registry/configmaps/default/a')).setAuthTag(data.subarray(-16));
    expect(Buffer.concat([cipher.update(data.subarray(12, -16)), cipher.final()]).includes(VALUE)).toBe(true);
    expect(await valueOf('a')).toBe(VALUE);
    // What a server finds at its start comes out of etcd, not out of the memory of the one that wrote it.
    await stopServer();
    server = await startApiserver({ etcd, flags });
    requests = requestsOf(server);
    const { body } = await requests.get(SECRETS);
    expect((body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)).toContain('a');
    const watched = await requests.get(`${SECRETS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name=a`);
    expect(JSON.parse(watched.text.split('\n')[0]!).object.data.a).toBe(Buffer.from(VALUE).toString('base64'));
    for (const path of [SECRETS, CONFIG_MAPS, '/apis/coordination.k8s.io/v1/namespaces/default/leases']) {
      expect((await requests.delete(`${path}/a`)).code).toBe(200);
    }
  }, 120_000);

  it('are written anew by an update that changes nothing, once a new key comes first; without a restart too', async () => {
    await start(undefined);
    await createSecret('moving');
    expect((await stored('secrets/default/moving')).includes(VALUE)).toBe(true);
    await stopServer();

    await start(
      [keyed('aescbc', ['key1', KEY_1]), { identity: {} }],
      '--encryption-provider-config-automatic-reload=true',
    );
    expect(await valueOf('moving')).toBe(VALUE);
    expect((await touch('moving')).code).toBe(200);
    expect((await stored('secrets/default/moving')).toString('latin1')).toMatch(/^k8s:enc:aescbc:v1:key1:/);
    const { modRevision } = (await client.kv.get('/registry/secrets/default/moving')).kv!;
    expect((await touch('moving')).code).toBe(200);
    expect((await client.kv.get('/registry/secrets/default/moving')).kv!.modRevision).toBe(modRevision);

    configure([keyed('aesgcm', ['key2', KEY_2]), keyed('aescbc', ['key1', KEY_1])]);
    const prefix = async () => {
      await touch('moving');
      return (await stored('secrets/default/moving')).toString('latin1').split(':').slice(0, 5).join(':');
    };
    await expect.poll(prefix, { timeout: 20_000 }).toBe('k8s:enc:aesgcm:v1:key2');
    expect(await valueOf('moving')).toBe(VALUE);

    // What cannot be used changes nothing.
    configure([]);
    const reloads = async () => (await requests.get('/metrics')).text;
    await expect
      .poll(reloads, { timeout: 20_000 })
      .toContain('apiserver_encryption_config_controller_automatic_reloads_total{status="failure"} 1');
    await createSecret('later');
    expect((await stored('secrets/default/later')).toString('latin1')).toMatch(/^k8s:enc:aesgcm:v1:key2:/);
  }, 120_000);

  it('whose key is missing are an error that names them, and no others; with the key they are back', async () => {
    await start([keyed('aesgcm', ['key1', KEY_1])]);
    await createSecret('locked');
    await stopServer();
    await start(
      [keyed('aesgcm', ['key2', KEY_2]), { identity: {} }],
      '--encryption-provider-config-automatic-reload=true',
    );
    const { code, body } = await requests.get(`${SECRETS}/locked`);
    expect(code).toBe(500);
    expect(body.message).toContain(
      'unable to transform key "/registry/secrets/default/locked": no matching key was found for the provided AES transformer',
    );
    await createSecret('free');
    expect(await valueOf('free')).toBe(VALUE);
    configure([keyed('aesgcm', ['key2', KEY_2], ['key1', KEY_1])]);
    await expect.poll(() => valueOf('locked'), { timeout: 30_000 }).toBe(VALUE);
    expect((await requests.get(SECRETS)).code).toBe(200);
  }, 120_000);
});

it('a configuration that is wrong keeps the server from starting, and says why', async () => {
  const file = configure([keyed('aescbc', ['key1', Buffer.alloc(7)])]);
  await expect(startApiserver({ etcd, flags: [`--encryption-provider-config=${file}`] })).rejects.toThrow(
    'secret is not of the expected length, got 7, expected one of [16 24 32]',
  );
});

describe('a key-management service', () => {
  it('keeps the key that the keys of values are encrypted with; a new one makes values stale', async () => {
    const socket = join(dir, 'kms.sock');
    const plugin = await KmsPlugin.start(socket);
    const kms = { kms: { apiVersion: 'v2', name: 'vault', endpoint: `unix://${socket}`, timeout: '3s' } };
    try {
      await start([kms, { identity: {} }]);
      await createSecret('enveloped');
      await createSecret('another');
      const first = await stored('secrets/default/enveloped');
      expect(first.subarray(0, 21).toString()).toBe('k8s:enc:kms:v2:vault:');
      expect(first.includes(VALUE)).toBe(false);
      // One seed for all values.
      expect(plugin.calls).toMatchObject({ Encrypt: 1, Decrypt: 0 });
      expect((await requests.get('/readyz/kms-provider-0')).text).toBe('ok');
      await stopServer();

      plugin.keyId = 'key-2';
      await start([kms, { identity: {} }]);
      expect(await valueOf('enveloped')).toBe(VALUE);
      // The other server's seed, asked for once.
      expect(plugin.calls).toMatchObject({ Encrypt: 2, Decrypt: 1 });
      expect((await touch('enveloped')).code).toBe(200);
      const second = await stored('secrets/default/enveloped');
      expect(second.equals(first)).toBe(false);
      expect(second.includes('key-2')).toBe(true);
      expect(await valueOf('enveloped')).toBe(VALUE);
    } finally {
      plugin.close();
    }
  }, 120_000);
});
