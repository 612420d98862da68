import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSignedServerCert } from '@pilothouse/pki';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';
import { establish } from './crd-requests.ts';

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

let server: RunningApiserver;
let requests: Requests;
let webhook: Server;
let clientConfig: { url: string; caBundle: string };
let broken = false;

/** `spec.hostPort` in v1 is `spec.host` and `spec.port` in v2. */
function convert(object: any, desired: string): unknown {
  const { hostPort, host, port, ...rest } = object.spec ?? {};
  const [given, number] = String(hostPort ?? '').split(':');
  const spec = desired.endsWith('/v2')
    ? { ...rest, host: given, port: number }
    : { ...rest, hostPort: `${host}:${port}` };
  return { ...object, apiVersion: desired, spec };
}

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
  const { certPem, keyPem } = await selfSignedServerCert(['localhost', '127.0.0.1']);
  webhook = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString());
      const { uid, objects, desiredAPIVersion } = review.request;
      const result = broken ? { status: 'Failure', message: 'out of order' } : { status: 'Success' };
      const convertedObjects = broken ? [] : objects.map((each: unknown) => convert(each, desiredAPIVersion));
      response.end(
        JSON.stringify({
          apiVersion: review.apiVersion,
          kind: review.kind,
          response: { uid, result, convertedObjects },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  const { port } = webhook.address() as AddressInfo;
  clientConfig = { url: `https://127.0.0.1:${port}/convert`, caBundle: Buffer.from(certPem).toString('base64') };
});

afterAll(async () => {
  requests?.close();
  webhook?.close();
  await server?.stop();
});

describe('several versions of a custom resource', () => {
  it('have subresources of their own', async () => {
    const version = (name: string, subresources?: object) => ({
      ...{ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: open } },
      ...(subresources ? { subresources } : {}),
    });
    const scale = { specReplicasPath: '.spec.sailors', statusReplicasPath: '.status.sailors' };
    const path = await establish(requests, {
      plural: 'masts',
      kind: 'Mast',
      versions: [version('v1', { status: {} }), version('v2'), version('v3', { scale })],
    });
    const names = async (name: string) => {
      const { body } = await requests.get(`/apis/example.com/${name}`);
      const found = body.resources.map((each: { name: string }) => each.name);
      return found.filter((each: string) => each.startsWith('masts'));
    };
    expect(await names('v1')).toEqual(['masts', 'masts/status']);
    expect(await names('v2')).toEqual(['masts']);
    expect(await names('v3')).toEqual(['masts', 'masts/scale']);

    const in2 = path.replace('/v1/', '/v2/');
    const in3 = path.replace('/v1/', '/v3/');
    const mast = { metadata: { name: 'm' }, spec: { sailors: 3 }, status: { sailors: 2 } };
    await requests.post(path, mast);
    expect((await requests.get(`${path}/m`)).body.status).toBeUndefined();
    expect((await requests.get(`${in2}/m/status`)).code).toBe(404);
    expect((await requests.get(`${path}/m/scale`)).code).toBe(404);
    const status = { metadata: { labels: { a: 'b' } }, status: { sailors: 1 } };
    const written = await requests.patch(`${path}/m/status`, 'merge', status);
    expect(written.body).toMatchObject({ metadata: { generation: 1 }, status: { sailors: 1 } });
    expect(written.body.metadata.labels).toBeUndefined();
    const changed = await requests.patch(`${in2}/m`, 'merge', { status: { sailors: 5 } });
    expect(changed.body).toMatchObject({ metadata: { generation: 2 }, status: { sailors: 5 } });
    await requests.patch(`${in3}/m/scale`, 'merge', { spec: { replicas: 9 } });
    const scaled = await requests.get(`${in3}/m`);
    expect(scaled.body).toMatchObject({ metadata: { generation: 3 }, spec: { sailors: 9 }, status: { sailors: 5 } });
  });

  it('differ by name alone with conversion None, each with its own schema', async () => {
    const withFields = (...names: string[]) => ({
      type: 'object',
      properties: {
        spec: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) },
      },
    });
    await establish(requests, {
      plural: 'hulls',
      kind: 'Hull',
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: withFields('a', 'b') } },
        {
          name: 'v1beta1',
          served: true,
          storage: false,
          deprecated: true,
          schema: { openAPIV3Schema: withFields('a') },
        },
        { name: 'v1alpha1', served: false, storage: false, schema: { openAPIV3Schema: withFields('a') } },
      ],
    });
    const at = (version: string) => `/apis/example.com/${version}/namespaces/default/hulls`;
    await requests.post(at('v1'), { metadata: { name: 'h' }, spec: { a: '1', b: '2' } });
    const old = await requests.get(`${at('v1beta1')}/h`);
    expect(old.body).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { a: '1' } });
    expect(old.body.spec.b).toBeUndefined();
    expect(String(old.headers.warning)).toContain('example.com/v1beta1 Hull is deprecated');
    expect((await requests.get(`${at('v1')}/h`)).body.spec).toEqual({ a: '1', b: '2' });
    expect((await requests.get(at('v1alpha1'))).code).toBe(404);
    const list = await requests.get(at('v1beta1'));
    expect(list.body).toMatchObject({
      apiVersion: 'example.com/v1beta1',
      kind: 'HullList',
      items: [{ apiVersion: 'example.com/v1beta1' }],
    });
  });

  it('are converted by a webhook, for reads, lists, watches and writes', async () => {
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: open },
    });
    await establish(requests, {
      plural: 'piers',
      kind: 'Pier',
      versions: [version('v1', true), version('v2', false)],
      spec: { conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } } },
    });
    const at = (name: string) => `/apis/example.com/${name}/namespaces/default/piers`;
    const created = await requests.post(at('v2'), {
      metadata: { name: 'p', labels: { a: 'b' } },
      spec: { host: 'h', port: '80' },
    });
    expect(created.code, created.text).toBe(201);
    expect(created.body).toMatchObject({ apiVersion: 'example.com/v2', spec: { host: 'h', port: '80' } });
    expect((await requests.get(`${at('v1')}/p`)).body).toMatchObject({
      apiVersion: 'example.com/v1',
      spec: { hostPort: 'h:80' },
      metadata: { labels: { a: 'b' } },
    });
    expect((await requests.get(at('v2'))).body.items).toMatchObject([
      { apiVersion: 'example.com/v2', spec: { host: 'h' } },
    ]);
    const patched = await requests.patch(`${at('v2')}/p`, 'merge', { spec: { port: '81' } });
    expect(patched.body.spec).toEqual({ host: 'h', port: '81' });
    expect((await requests.get(`${at('v1')}/p`)).body.spec).toEqual({ hostPort: 'h:81' });
    const { text } = await requests.get(`${at('v2')}?watch=true&timeoutSeconds=1`);
    expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({
      type: 'ADDED',
      object: { apiVersion: 'example.com/v2', spec: { host: 'h', port: '81' } },
    });
  });

  it('say what a webhook complains of', async () => {
    broken = true;
    const answer = await requests.post('/apis/example.com/v2/namespaces/default/piers', {
      metadata: { name: 'q' },
      spec: { host: 'h', port: '80' },
    });
    broken = false;
    expect(answer.code).toBe(500);
    expect(answer.body.message).toBe('conversion webhook for example.com/v2, Kind=Pier failed: out of order');
  });
});
