import { createServer, request as httpsRequest, type Server } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCodec, type KubeObject } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { createEtcdClient } from '@pilothouse/etcd';
import { createCertificateAuthority, createSignedCertificate, readKubeconfigFile } from '@pilothouse/pki';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';
import { CRDS, establish } from './crd-requests.ts';

const GROUP_VERSION = '/apis/metrics.example.com/v1';
const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';

const READINGS = `${GROUP_VERSION}/namespaces/{namespace}/readings`;
const answer = (name: string) => ({
  get: { responses: { 200: { description: 'OK', schema: { $ref: `#/definitions/${name}` } } } },
});
const DOCUMENT_V2 = {
  swagger: '2.0',
  paths: { [READINGS]: answer('Reading'), '/metrics-version/': answer('Version') },
  definitions: {
    Reading: { type: 'object', properties: { metadata: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } } },
    // Not what we call so.
    'io.k8s.api.core.v1.Pod': { type: 'string' },
    Version: { type: 'object' },
  },
};
const DOCUMENT_V3 = {
  openapi: '3.0.0',
  paths: { [READINGS]: {} },
  components: { schemas: { Reading: { type: 'object' } } },
};

let server: RunningApiserver;
let requests: Requests;
let extension: Server;

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
});

afterAll(async () => {
  extension?.close();
  extension?.closeAllConnections();
  requests?.close();
  await server?.stop();
});

/** What a request says of who sends it. */
function claimsIn({ headers }: IncomingMessage): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(x-remote|authorization|impersonate)/.test(name)),
  );
}

/** Who the administrator is to an extension server. */
const ADMINISTRATOR = {
  'x-remote-user': 'kubernetes-admin',
  'x-remote-group': 'system:masters, system:authenticated',
  // Whose certificate it was.
  'x-remote-extra-authentication.kubernetes.io%2fcredential-id': expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/),
};

/** An extension server that serves one resource and tells every caller who it takes them for. */
async function startExtension(): Promise<{ port: number; ca: string }> {
  const authority = await createCertificateAuthority('metrics-ca');
  const subject = { commonName: 'metrics', hosts: ['metrics.default.svc'], usages: ['server'] as const };
  const { certPem, keyPem } = await createSignedCertificate(authority, subject);
  extension = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    response.setHeader('content-type', 'application/json');
    const discovery = {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'metrics.example.com/v1',
      resources: [
        { name: 'readings', singularName: 'reading', namespaced: true, kind: 'Reading', verbs: ['get', 'list'] },
      ],
    };
    const whoami = { ...claimsIn(request), path: request.url };
    const documents: Record<string, object> = {
      [GROUP_VERSION]: discovery,
      '/openapi/v2': DOCUMENT_V2,
      '/openapi/v3': { paths: { 'apis/metrics.example.com/v1': { serverRelativeURL: '/documents/metrics?hash=1' } } },
      '/documents/metrics?hash=1': DOCUMENT_V3,
    };
    response.end(JSON.stringify(documents[request.url ?? ''] ?? whoami));
  });
  extension.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const whoami = JSON.stringify(claimsIn(request));
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: whoami\r\n\r\n${whoami}`);
  });
  extension.listen(0, '127.0.0.1');
  await once(extension, 'listening');
  return { port: (extension.address() as AddressInfo).port, ca: authority.certPem };
}

/** Straight into etcd: the API lets nobody write a loopback address into an EndpointSlice. */
async function writeEndpoints(port: number): Promise<void> {
  const codec = createCodec(schemaFor('discovery.k8s.io', 'v1', 'EndpointSlice')!);
  const slice = {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: {
      name: 'metrics-1',
      namespace: 'default',
      uid: 'u',
      labels: { 'kubernetes.io/service-name': 'metrics' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
    ports: [{ name: '', port, protocol: 'TCP' }],
  };
  const etcd = createEtcdClient({ endpoints: [server.etcd.endpoint] });
  await etcd.kv.put({
    key: '/registry/endpointslices/default/metrics-1',
    value: codec.encodeProtobuf(slice as KubeObject),
    expectedModRevision: 0,
  });
  etcd.close();
}

const availability = async () => {
  const { body } = await requests.get(`${API_SERVICES}/v1.metrics.example.com`);
  const [condition] = body.status?.conditions ?? [];
  return condition && `${condition.status} ${condition.reason} ${condition.message}`;
};

it('lists an available APIService for every group version of its own', async () => {
  await expect.poll(async () => (await requests.get(`${API_SERVICES}/v1.apps`)).code).toBe(200);
  const { body } = await requests.get(`${API_SERVICES}/v1.apps`);
  expect(body.spec).toMatchObject({ group: 'apps', version: 'v1' });
  expect(body.status.conditions).toMatchObject([{ type: 'Available', status: 'True', reason: 'Local' }]);
});

it('passes requests on to an extension server once it is there, with the user’s identity', async () => {
  const { port, ca } = await startExtension();
  const service = { metadata: { name: 'v1.metrics.example.com' } };
  await requests.post(API_SERVICES, {
    ...service,
    spec: {
      group: 'metrics.example.com',
      version: 'v1',
      service: { namespace: 'default', name: 'metrics', port: 443 },
      caBundle: Buffer.from(ca).toString('base64'),
      groupPriorityMinimum: 100,
      versionPriority: 10,
    },
  });
  await expect.poll(availability, { timeout: 5_000 }).toContain('False ServiceNotFound');
  const unavailable = await requests.get(`${GROUP_VERSION}/namespaces/default/readings`);
  expect([unavailable.code, unavailable.text]).toEqual([503, 'service unavailable\n']);

  await requests.post('/api/v1/namespaces/default/services', {
    metadata: { name: 'metrics' },
    spec: { ports: [{ port: 443 }] },
  });
  await writeEndpoints(port);
  await expect.poll(availability, { timeout: 15_000 }).toContain('True Passed');

  const { code, body } = await requests.get(`${GROUP_VERSION}/namespaces/default/readings?limit=5`);
  expect(code).toBe(200);
  expect(body).toEqual({
    ...ADMINISTRATOR,
    path: `${GROUP_VERSION}/namespaces/default/readings?limit=5`,
  });
});

const FALSE_CLAIMS = {
  'x-remote-user': 'root',
  'x-remote-uid': '0',
  'x-remote-extra-scopes': 'all',
  'x-remote-group': 'root',
};

it('does not let clients say who they are', async () => {
  const { body } = await requests.get(`${GROUP_VERSION}/namespaces/default/readings`, FALSE_CLAIMS);
  expect(body).toEqual({
    ...ADMINISTRATOR,
    path: `${GROUP_VERSION}/namespaces/default/readings`,
  });
});

it('does not let them say it when they upgrade the connection either', async () => {
  const { caPem, clientCertPem, clientKeyPem } = readKubeconfigFile(server.kubeconfig());
  const outgoing = httpsRequest(`${server.server}${GROUP_VERSION}/namespaces/default/readings`, {
    ca: caPem,
    cert: clientCertPem,
    key: clientKeyPem,
    headers: { ...FALSE_CLAIMS, connection: 'Upgrade', upgrade: 'whoami' },
  });
  outgoing.end();
  const [answer, socket, head] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket, Buffer];
  expect(answer.statusCode).toBe(101);
  const chunks = [head];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(ADMINISTRATOR);
});

it('merges what the extension publishes into the OpenAPI documents', async () => {
  const index = await requests.get('/openapi/v3');
  const { serverRelativeURL } = index.body.paths['apis/metrics.example.com/v1'];
  expect((await requests.get(serverRelativeURL)).body).toEqual(DOCUMENT_V3);
  const { body } = await requests.get('/openapi/v2');
  expect(body.paths[READINGS]).toEqual(DOCUMENT_V2.paths[READINGS]);
  expect(body.paths['/metrics-version/']).toBeUndefined();
  expect(body.definitions.Reading.properties.metadata).toEqual({ $ref: '#/definitions/io.k8s.api.core.v1.Pod_v2' });
  expect(body.definitions['io.k8s.api.core.v1.Pod_v2']).toEqual({ type: 'string' });
  expect(body.definitions['io.k8s.api.core.v1.Pod'].properties.spec).toBeDefined();
});

it('serves a group version through whoever its APIService names, also when it is a custom resource here', async () => {
  const resource = { plural: 'readings', kind: 'Reading', group: 'metrics.example.com' };
  await establish(requests, resource);
  const { body } = await requests.get(`${GROUP_VERSION}/namespaces/default/readings`);
  expect(body['x-remote-user']).toBe('kubernetes-admin');
  expect(await availability()).toContain('True Passed');
  await requests.delete(`${CRDS}/readings.metrics.example.com`);
});

it('merges what the extension serves into discovery', async () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { body } = await requests.get('/apis', { accept });
  const group = body.items.find((each: { metadata: { name: string } }) => each.metadata.name === 'metrics.example.com');
  expect(group.versions[0].resources).toMatchObject([
    { resource: 'readings', scope: 'Namespaced', verbs: ['get', 'list'] },
  ]);
  expect((await requests.get(GROUP_VERSION)).body.resources).toMatchObject([{ name: 'readings', kind: 'Reading' }]);
});

it('forgets it with its APIService', async () => {
  await requests.delete(`${API_SERVICES}/v1.metrics.example.com`);
  await expect.poll(async () => (await requests.get(`${GROUP_VERSION}/namespaces/default/readings`)).code).toBe(404);
  expect((await requests.get('/openapi/v3')).body.paths['apis/metrics.example.com/v1']).toBeUndefined();
});
