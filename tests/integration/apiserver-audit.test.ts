import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: RequestResponse
    resources: [{group: '', resources: [configmaps]}]
    namespaces: [default]
`;

let dir: string;
let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pilothouse-audit-'));
  writeFileSync(join(dir, 'policy.yaml'), POLICY);
  server = await startApiserver({
    flags: [`--audit-policy-file=${join(dir, 'policy.yaml')}`, `--audit-log-path=${join(dir, 'audit.log')}`],
  });
  requests = requestsOf(server);
});

afterAll(async () => {
  requests?.close();
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
  await expect.poll(() => events().length).toBe(2);
  const [first, second] = events();
  expect(first).toMatchObject({
    kind: 'Event',
    level: 'RequestResponse',
    stage: 'ResponseComplete',
    auditID: created.headers['audit-id'],
    verb: 'create',
    requestURI: CONFIG_MAPS,
    user: { username: 'kubernetes-admin' },
    objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
    responseStatus: { code: 201 },
    requestObject: { data: { a: 'b' } },
    responseObject: { kind: 'ConfigMap', metadata: { name: 'audited' } },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  });
  expect(second.responseStatus.code).toBe(409);
});
