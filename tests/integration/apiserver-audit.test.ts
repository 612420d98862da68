import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKubeClient } from '@pilothouse/client';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: RequestResponse
    omitManagedFields: true
    resources: [{group: '', resources: [configmaps]}]
    namespaces: [default]
  - level: Metadata
    resources: [{group: '', resources: [secrets]}]
`;

let dir: string;
let server: RunningApiserver;
let requests: Requests;
let collector: http.Server;
// oxlint-disable-next-line typescript/no-explicit-any -- audit events of any shape
let received: any[];

async function collect(request: http.IncomingMessage): Promise<void> {
  const list = (await json(request)) as { kind: string; items: unknown[] };
  if (list.kind === 'EventList') received.push(...list.items);
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pilothouse-audit-'));
  writeFileSync(join(dir, 'policy.yaml'), POLICY);
  received = [];
  collector = http.createServer((request, response) => void collect(request).finally(() => response.end()));
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'collector', cluster: { server: `http://127.0.0.1:${port}/events` } }],
    contexts: [{ name: 'c', context: { cluster: 'collector', user: '' } }],
    'current-context': 'c',
  };
  writeFileSync(join(dir, 'collector.yaml'), JSON.stringify(kubeconfig));
  server = await startApiserver({
    flags: [
      ...[`--audit-policy-file=${join(dir, 'policy.yaml')}`, `--audit-log-path=${join(dir, 'audit.log')}`],
      ...[`--audit-webhook-config-file=${join(dir, 'collector.yaml')}`, '--audit-webhook-batch-max-wait=100ms'],
    ],
  });
  requests = requestsOf(server);
});

afterAll(async () => {
  requests?.close();
  collector?.close();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const events = () =>
  readFileSync(join(dir, 'audit.log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    // oxlint-disable-next-line typescript/no-explicit-any -- audit events of any shape
    .map((line) => JSON.parse(line) as any);

it('writes down who did what, with bodies where the policy asks for them, and refusals too', async () => {
  const created = await requests.post(CONFIG_MAPS, { metadata: { name: 'audited' }, data: { a: 'b' } });
  await requests.post(CONFIG_MAPS, { metadata: { name: 'audited' } });
  await requests.get('/api/v1/namespaces/kube-system/configmaps');
  const about = (name: string) => events().filter(({ objectRef }) => objectRef?.name === name);
  await expect.poll(() => about('audited').length, { timeout: 20_000 }).toBe(2);
  const [first, second] = about('audited');
  expect(first).toMatchObject({
    kind: 'Event',
    level: 'RequestResponse',
    stage: 'ResponseComplete',
    auditID: created.headers['audit-id'],
    verb: 'create',
    requestURI: CONFIG_MAPS,
    user: { username: 'kubernetes-admin' },
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'audited', apiVersion: 'v1' },
    responseStatus: { code: 201 },
    requestObject: { data: { a: 'b' } },
    responseObject: { kind: 'ConfigMap', metadata: { name: 'audited' } },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  });
  expect(first.responseObject.metadata.managedFields).toBeUndefined();
  expect(second.responseStatus).toEqual({
    metadata: {},
    status: 'Failure',
    message: 'configmaps "audited" already exists',
    reason: 'AlreadyExists',
    details: { name: 'audited', kind: 'configmaps' },
    code: 409,
  });
  expect(second.responseObject).toBeUndefined();

  // Protobuf is shown as JSON, and a service is told the same.
  await requests.get(`${CONFIG_MAPS}/audited`, { accept: 'application/vnd.kubernetes.protobuf' });
  await expect.poll(() => about('audited').length, { timeout: 20_000 }).toBe(3);
  expect(about('audited')[2]).toMatchObject({ verb: 'get', responseObject: { kind: 'ConfigMap', data: { a: 'b' } } });
  const ids = () => received.map(({ auditID }) => auditID as string);
  await expect.poll(ids, { timeout: 20_000 }).toContain(about('audited')[2].auditID);
  expect(received.find(({ auditID }) => auditID === first.auditID)).toEqual(first);
});

it('names secrets, and does not show them', async () => {
  await requests.post('/api/v1/namespaces/default/secrets', { metadata: { name: 'hidden' }, stringData: { a: 'b' } });
  const event = () =>
    events().find(({ objectRef }) => objectRef?.resource === 'secrets' && objectRef.name === 'hidden');
  await expect.poll(event, { timeout: 20_000 }).toBeDefined();
  expect(event()).toMatchObject({ level: 'Metadata', verb: 'create', responseStatus: { metadata: {}, code: 201 } });
  expect(event().requestObject).toBeUndefined();
});

it('a watch is told when it begins and when it ends', async () => {
  await requests.get(`${CONFIG_MAPS}?watch=1&timeoutSeconds=1`);
  const stages = () => events().flatMap(({ verb, stage }) => (verb === 'watch' ? [stage as string] : []));
  await expect.poll(stages, { timeout: 20_000 }).toEqual(['ResponseStarted', 'ResponseComplete']);
});

it('credentials that do not hold are nobody’s, and known of', async () => {
  const ca = readFileSync(server.pki.path('ca.crt'), 'utf8');
  const client = createKubeClient({ server: server.server, userAgent: 'test/1.0', tls: { ca }, token: 'wrong' });
  expect((await client.raw('GET', CONFIG_MAPS)).status).toBe(401);
  client.close();
  const failed = () => events().find(({ responseStatus }) => responseStatus?.code === 401);
  await expect.poll(failed, { timeout: 20_000 }).toMatchObject({
    stage: 'ResponseStarted',
    user: {},
    responseStatus: { message: 'Authentication failed, attempted: bearer' },
  });
});
