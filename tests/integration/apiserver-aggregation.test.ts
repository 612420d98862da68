import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCodec, type KubeObject } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { createEtcdClient } from '@pilothouse/etcd';
import { createCertificateAuthority, createSignedCertificate } from '@pilothouse/pki';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const GROUP_VERSION = '/apis/metrics.example.com/v1';
const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';

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
    const whoami = {
      user: request.headers['x-remote-user'],
      groups: request.headers['x-remote-group'],
      path: request.url,
    };
    response.end(JSON.stringify(request.url === GROUP_VERSION ? discovery : whoami));
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
  expect((await requests.get(`${GROUP_VERSION}/namespaces/default/readings`)).code).toBe(503);

  await requests.post('/api/v1/namespaces/default/services', {
    metadata: { name: 'metrics' },
    spec: { ports: [{ port: 443 }] },
  });
  await writeEndpoints(port);
  await expect.poll(availability, { timeout: 15_000 }).toContain('True Passed');

  const { code, body } = await requests.get(`${GROUP_VERSION}/namespaces/default/readings?limit=5`);
  expect(code).toBe(200);
  expect(body).toEqual({
    user: 'kubernetes-admin',
    groups: 'system:masters, system:authenticated',
    path: `${GROUP_VERSION}/namespaces/default/readings?limit=5`,
  });
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
});
