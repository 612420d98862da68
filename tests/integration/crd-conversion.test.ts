import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { selfSignedServerCert } from '@pilothouse/pki';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';
import { CRDS, establish, messages } from './crd-requests.ts';

type Conversion = (object: any, desired: string) => any;

/** `spec.hostPort` in v1 is `spec.host` and `spec.port` in v2. */
const honest: Conversion = (object, desired) => {
  const { hostPort, host, port, ...rest } = object.spec ?? {};
  const [given, number] = String(hostPort ?? '').split(':');
  const spec = desired.endsWith('/v2')
    ? { ...rest, host: given, port: number }
    : { ...rest, hostPort: `${host}:${port}` };
  return { ...object, apiVersion: desired, spec };
};

const text = { type: 'string' };
const schemaOf = (required: readonly string[], spec: object) => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', required, properties: spec } } },
});
const V1 = {
  name: 'v1',
  served: true,
  schema: schemaOf(['hostPort'], { hostPort: text, note: text, color: { ...text, default: 'red' } }),
  selectableFields: [{ jsonPath: '.spec.hostPort' }],
};
const V2 = {
  name: 'v2',
  served: true,
  schema: schemaOf(['host', 'port'], {
    host: { ...text, maxLength: 10 },
    port: text,
    note: text,
    color: { ...text, default: 'red' },
    size: { ...text, default: 'small' },
  }),
  selectableFields: [{ jsonPath: '.spec.host' }, { jsonPath: '.spec.port' }],
};

let server: RunningApiserver;
let requests: Requests;
let webhook: Server;
let clientConfig: { url: string; caBundle: string };
let conversion = honest;
let asked: { objects: any[]; desiredAPIVersion: string }[] = [];

const at = (version: string) => `/apis/example.com/${version}/namespaces/default/docks`;
const dock = (name: string, host: string, port: string, rest: object = {}) => ({
  apiVersion: 'example.com/v2',
  kind: 'Dock',
  metadata: { name },
  spec: { host, port, ...rest },
});

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
  const { certPem, keyPem } = await selfSignedServerCert(['localhost', '127.0.0.1']);
  webhook = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { request: question, ...review } = JSON.parse(Buffer.concat(chunks).toString());
      asked.push(question);
      const convertedObjects = question.objects.map((each: unknown) => conversion(each, question.desiredAPIVersion));
      const answer = { uid: question.uid, result: { status: 'Success' }, convertedObjects };
      response.end(JSON.stringify({ ...review, response: answer }));
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  const { port } = webhook.address() as AddressInfo;
  clientConfig = { url: `https://127.0.0.1:${port}/convert`, caBundle: Buffer.from(certPem).toString('base64') };
  await establish(requests, {
    plural: 'docks',
    kind: 'Dock',
    versions: [
      { ...V1, storage: true },
      { ...V2, storage: false },
    ],
    spec: { conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } } },
  });
});

afterEach(() => {
  conversion = honest;
  asked = [];
});

afterAll(async () => {
  requests?.close();
  webhook?.close();
  await server?.stop();
});

describe('a custom resource that a webhook converts', () => {
  it('is validated as the request has it, before anybody converts it', async () => {
    const answer = await requests.post(at('v2'), { ...dock('invalid', 'much-too-long', '1') });
    expect(answer.code).toBe(422);
    expect(messages(answer)).toEqual(['spec.host: Too long: may not be more than 10 bytes']);
    const { host: _, ...spec } = dock('invalid', 'h', '1').spec;
    const incomplete = await requests.post(at('v2'), { ...dock('invalid', 'h', '1'), spec });
    expect(messages(incomplete)).toEqual(['spec.host: Required value']);
    expect(asked).toEqual([]);
    expect((await requests.get(`${at('v1')}/invalid`)).code).toBe(404);
  });

  it('is validated on update as the request has it, and ratchets against what its version showed', async () => {
    await requests.post(at('v1'), { metadata: { name: 'long' }, spec: { hostPort: 'much-too-long:1' } });
    const unchanged = await requests.patch(`${at('v2')}/long`, 'merge', { spec: { note: 'n' } });
    expect(unchanged.code, unchanged.text).toBe(200);
    const changed = await requests.patch(`${at('v2')}/long`, 'merge', { spec: { host: 'also-much-too-long' } });
    expect(messages(changed)).toEqual(['spec.host: Too long: may not be more than 10 bytes']);
  });

  it('gets the defaults of the version that it is shown in, and loses what that does not know', async () => {
    await requests.post(at('v1'), { metadata: { name: 'plain' }, spec: { hostPort: 'h:1' } });
    conversion = (object, desired) => {
      const converted = honest(object, desired);
      return { ...converted, spec: { ...converted.spec, unknown: 1 } };
    };
    const { body } = await requests.get(`${at('v2')}/plain`);
    expect(body.spec).toEqual({ color: 'red', host: 'h', port: '1', size: 'small' });
  });

  it('has labels and annotations from the webhook, and no other metadata', async () => {
    await requests.post(at('v1'), { metadata: { name: 'meta', labels: { a: '1' } }, spec: { hostPort: 'h:1' } });
    const changing =
      (metadata: object): Conversion =>
      (object, desired) => {
        const converted = honest(object, desired);
        return { ...converted, metadata: { ...converted.metadata, ...metadata } };
      };
    conversion = changing({ labels: { b: '2' }, annotations: { c: '3' }, generation: 7, finalizers: ['x.y/z'] });
    const { body } = await requests.get(`${at('v2')}/meta`);
    expect(body.metadata).toMatchObject({ labels: { b: '2' }, annotations: { c: '3' }, generation: 1 });
    expect(body.metadata.finalizers).toBeUndefined();
    await requests.patch(`${at('v1')}/meta`, 'merge', { spec: { note: 'x' } });
    conversion = changing({ name: 'other' });
    const refused = await requests.get(`${at('v2')}/meta`);
    expect(refused.code).toBe(500);
    expect(refused.body.message).toBe(
      'conversion webhook for example.com/v1, Kind=Dock returned invalid converted object at index 0: must have the same name: meta != other',
    );
  });

  it('is applied to by managers of different versions', async () => {
    const path = (version: string, manager: string) => `${at(version)}/applied?fieldManager=${manager}`;
    const object = (version: string, spec: object) => ({
      apiVersion: `example.com/${version}`,
      kind: 'Dock',
      metadata: { name: 'applied' },
      spec,
    });
    const first = await requests.patch(path('v1', 'one'), 'apply', object('v1', { hostPort: 'h:1' }));
    expect(first.code, first.text).toBe(201);
    const noted = await requests.patch(path('v2', 'two'), 'apply', object('v2', { note: 'n' }));
    expect(noted.code, noted.text).toBe(200);
    expect(noted.body.spec).toMatchObject({ host: 'h', port: '1', note: 'n' });
    const conflict = await requests.patch(path('v2', 'two'), 'apply', object('v2', { note: 'n', host: 'g' }));
    expect(conflict.code).toBe(409);
    expect(conflict.body.message).toContain('conflict with "one": .spec.hostPort');
    const forced = await requests.patch(
      `${path('v2', 'two')}&force=true`,
      'apply',
      object('v2', { note: 'n', host: 'g' }),
    );
    expect(forced.code, forced.text).toBe(200);
    const { body } = await requests.get(`${at('v1')}/applied`);
    expect(body.spec).toMatchObject({ hostPort: 'g:1', note: 'n' });
    const managers = body.metadata.managedFields.map((each: { manager: string; apiVersion: string }) => [
      each.manager,
      each.apiVersion,
    ]);
    expect(managers).toEqual([['two', 'example.com/v2']]);
  });

  it('is selected by the fields of the version asked for', async () => {
    await requests.post(at('v2'), dock('left', 'port', '1'));
    await requests.post(at('v2'), dock('right', 'starboard', '2'));
    const names = async (path: string) =>
      (await requests.get(path)).body.items.map((each: { metadata: { name: string } }) => each.metadata.name);
    asked = [];
    expect(await names(`${at('v2')}?fieldSelector=spec.host%3Dport`)).toEqual(['left']);
    expect(asked.length, 'all that is converted is converted together').toBeLessThanOrEqual(1);
    expect(await names(`${at('v1')}?fieldSelector=spec.hostPort%3Dport:1`)).toEqual(['left']);
    const refused = await requests.get(`${at('v1')}?fieldSelector=spec.host%3Dport`);
    expect(refused.code).toBe(400);
    expect(refused.body.message).toBe('field label not supported: spec.host');
    const deleted = await requests.delete(`${at('v2')}?fieldSelector=spec.host%3Dstarboard`);
    expect(deleted.body.items.map((each: any) => each.metadata.name)).toEqual(['right']);
    expect(await names(`${at('v2')}?fieldSelector=spec.port%3D2`)).toEqual([]);
  });

  it('enters and leaves a watch as the fields of its version say', async () => {
    await requests.post(at('v2'), dock('moving', 'here', '1'));
    const { body } = await requests.get(at('v2'));
    const watching = requests.get(
      `${at('v2')}?watch=true&timeoutSeconds=2&fieldSelector=spec.host%3Dthere&resourceVersion=${body.metadata.resourceVersion}`,
    );
    for (const host of ['there', 'here']) {
      await requests.patch(`${at('v1')}/moving`, 'merge', { spec: { hostPort: `${host}:1` } });
    }
    const events = (await watching).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ type, object }) => [type, object.apiVersion, object.spec.host])).toEqual([
      ['ADDED', 'example.com/v2', 'there'],
      ['DELETED', 'example.com/v2', 'there'],
    ]);
  });

  it('ends a watch with an error when the webhook fails', async () => {
    const { body } = await requests.get(at('v2'));
    const watching = requests.get(
      `${at('v2')}?watch=true&timeoutSeconds=5&resourceVersion=${body.metadata.resourceVersion}`,
    );
    conversion = () => ({});
    await requests.post(at('v1'), { metadata: { name: 'broken' }, spec: { hostPort: 'h:1' } });
    const last = JSON.parse((await watching).text.trim().split('\n').at(-1)!);
    expect(last).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 500 } });
    expect(last.object.message).toContain('conversion webhook for example.com/v1, Kind=Dock returned invalid');
    conversion = honest;
    await requests.delete(`${at('v1')}/broken`);
  });

  it('is stored in the new storage version once it is written again, and shown in any', async () => {
    const name = 'docks.example.com';
    await requests.post(at('v1'), { metadata: { name: 'old' }, spec: { hostPort: 'h:1' } });
    const versions = [
      { ...V1, storage: false },
      { ...V2, storage: true },
    ];
    const changed = await requests.patch(`${CRDS}/${name}`, 'merge', { spec: { versions } });
    expect(changed.body.status.storedVersions).toEqual(['v1', 'v2']);
    await requests.post(at('v2'), dock('new', 'h', '2'));
    asked = [];
    const list = await requests.get(at('v1'));
    const shown = new Map(list.body.items.map((each: any) => [each.metadata.name, each.spec.hostPort]));
    expect([shown.get('old'), shown.get('new')]).toEqual(['h:1', 'h:2']);
    const before = (await requests.get(`${at('v1')}/old`)).body;
    const rewritten = await requests.put(`${at('v1')}/old`, before);
    expect(rewritten.body.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
    expect(rewritten.body.spec).toEqual(before.spec);
    const again = await requests.put(`${at('v1')}/old`, rewritten.body);
    expect(again.body.metadata.resourceVersion).toBe(rewritten.body.metadata.resourceVersion);
  });
});
