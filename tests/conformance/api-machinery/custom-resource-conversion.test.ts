import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSignedServerCert } from '@pilothouse/pki';
import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, DEFINITIONS, established } from './custom-resources.ts';

/** Turns `hostPort` of v1 into `host` and `port` of v2, and back. */
function convert(object: Json, apiVersion: string): Json {
  const { hostPort, host, port, ...rest } = object;
  if (apiVersion.endsWith('/v2') && hostPort !== undefined) {
    const [first, second] = hostPort.split(':');
    return { ...rest, apiVersion, host: first, port: second };
  }
  if (apiVersion.endsWith('/v1') && host !== undefined) return { ...rest, apiVersion, hostPort: `${host}:${port}` };
  return { ...object, apiVersion };
}

async function converter(told: Story): Promise<Json> {
  const { certPem, keyPem } = await selfSignedServerCert(['127.0.0.1']);
  const server = https.createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString());
      const { uid, objects, desiredAPIVersion } = review.request;
      const convertedObjects = objects.map((object: Json) => convert(object, desiredAPIVersion));
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          ...review,
          request: undefined,
          response: { uid, convertedObjects, result: { status: 'Success' } },
        }),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  told.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/crdconvert`;
  return {
    strategy: 'Webhook',
    webhook: {
      clientConfig: { url, caBundle: Buffer.from(certPem).toString('base64') },
      conversionReviewVersions: ['v1'],
    },
  };
}

async function definition(told: Story): Promise<Json> {
  const string = { type: 'string' };
  const schema = (properties: Json): Json => ({ openAPIV3Schema: { type: 'object', properties } });
  const crd = customResourceDefinition(told, {
    conversion: await converter(told),
    versions: [
      { name: 'v1', schema: schema({ hostPort: string }) },
      { name: 'v2', schema: schema({ host: string, port: string }) },
    ],
  });
  await established(told, crd);
  return crd;
}

const pathOf = (told: Story, crd: Json, version: string): string =>
  `${told.in(`${crd.spec.group}/${version}`)}/${crd.spec.names.plural}`;
const object = (crd: Json, version: string, name: string, rest: Json): Json => ({
  apiVersion: `${crd.spec.group}/${version}`,
  kind: crd.spec.names.kind,
  metadata: { name },
  ...rest,
});

story('a custom resource is converted by a webhook', async (told) => {
  const crd = await definition(told);
  await told.api.create(pathOf(told, crd, 'v1'), object(crd, 'v1', 'cr', { hostPort: 'localhost:8080' }));
  expect(await told.api.get(`${pathOf(told, crd, 'v2')}/cr`)).toMatchObject({
    apiVersion: `${crd.spec.group}/v2`,
    host: 'localhost',
    port: '8080',
  });
});

story('a list of custom resources stored in several versions is converted', async (told) => {
  const crd = await definition(told);
  await told.api.create(pathOf(told, crd, 'v1'), object(crd, 'v1', 'cr-1', { hostPort: 'localhost:8080' }));
  await told.api.patch(`${DEFINITIONS}/${crd.metadata.name}`, 'json', [
    { op: 'replace', path: '/spec/versions/0/storage', value: false },
    { op: 'replace', path: '/spec/versions/1/storage', value: true },
  ]);
  await eventually(async () =>
    expect((await told.api.get(`${DEFINITIONS}/${crd.metadata.name}`)).status.storedVersions).toEqual(['v1', 'v2']),
  );
  await told.api.create(pathOf(told, crd, 'v1'), object(crd, 'v1', 'cr-2', { hostPort: 'localhost:8080' }));
  const v1 = await told.api.get(pathOf(told, crd, 'v1'));
  expect(v1.items.map((item: Json) => item.hostPort)).toEqual(['localhost:8080', 'localhost:8080']);
  const v2 = await told.api.get(pathOf(told, crd, 'v2'));
  expect(v2.items.map((item: Json) => [item.host, item.port])).toEqual([
    ['localhost', '8080'],
    ['localhost', '8080'],
  ]);
});
