import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { readKubeconfigFile } from '@pilothouse/pki';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Answer, type Requests } from './apiserver-requests.ts';
import { WebhookServer } from './webhook-server.ts';

const FLOW_CONTROL = '/apis/flowcontrol.apiserver.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const DUMP = '/debug/api_priority_and_fairness';
/** Of the level that the testers share. */
const SEATS = 2;
const QUEUE_LENGTH = 3;

const soon = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

let server: RunningApiserver;
let hooks: WebhookServer;
let admin: Requests;
let greedy: Requests;
let quiet: Requests;
let kubelet: Requests;

beforeAll(async () => {
  const users = [
    { name: 'greedy', user: 'greedy', groups: ['testers'] },
    { name: 'quiet', user: 'quiet', groups: ['testers'] },
    { name: 'kubelet', user: 'system:node:n1', groups: ['system:nodes'] },
  ];
  // 245 shares are those of the suggested levels; as many again make the testers' level half of the four seats.
  const flags = ['--max-requests-inflight=3', '--max-mutating-requests-inflight=1'];
  [server, hooks] = await Promise.all([startApiserver({ users, flags }), WebhookServer.start()]);
  admin = requestsOf(server);
  [greedy, quiet, kubelet] = users.map(({ name }) => requestsOf(server, name)) as [Requests, Requests, Requests];
  await createLevel('narrow', 245);
  const created = await admin.post(`${FLOW_CONTROL}/flowschemas`, {
    metadata: { name: 'testers' },
    spec: {
      priorityLevelConfiguration: { name: 'narrow' },
      matchingPrecedence: 300,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'Group', group: { name: 'testers' } }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
        },
      ],
    },
  });
  expect(created.code, created.text).toBe(201);
  const uid = created.body.metadata.uid as string;
  // In force once it is written; other apiservers would learn of it from the log.
  await vi.waitUntil(async () => (await quiet.get(CONFIG_MAPS)).headers['x-kubernetes-pf-flowschema-uid'] === uid);
});

afterAll(async () => {
  for (const each of [admin, greedy, quiet, kubelet]) each?.close();
  hooks?.close();
  await server?.stop();
});

async function createLevel(name: string, shares: number): Promise<void> {
  const queuing = { queues: 64, handSize: 1, queueLengthLimit: QUEUE_LENGTH };
  const limited = {
    ...{ nominalConcurrencyShares: shares, lendablePercent: 0, borrowingLimitPercent: 0 },
    limitResponse: { type: 'Queue', queuing },
  };
  const { code, text } = await admin.post(`${FLOW_CONTROL}/prioritylevelconfigurations`, {
    metadata: { name },
    spec: { type: 'Limited', limited },
  });
  expect(code, text).toBe(201);
}

interface Waiting {
  readonly name: string;
  let(): void;
}

/** Config maps whose names begin with `held-` are created only when they are let. */
async function holdCreates(): Promise<Waiting[]> {
  const held: Waiting[] = [];
  const { code, text } = await admin.post('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: 'hold' },
    webhooks: [
      {
        name: 'hold.example.com',
        clientConfig: hooks.serve('/hold', async (request) => {
          const name = String(request.object.metadata.name);
          if (name.startsWith('held-')) await new Promise<void>((resolve) => held.push({ name, let: resolve }));
          return { allowed: true };
        }),
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 30,
        failurePolicy: 'Ignore',
      },
    ],
  });
  expect(code, text).toBe(201);
  return held;
}

/** Past the client library, which would come again by itself. */
async function createOnce(user: string, name: string): Promise<{ code: number; text: string; retryAfter: string }> {
  const { caPem, clientCertPem, clientKeyPem } = readKubeconfigFile(server.kubeconfig(user));
  const request = https.request(server.server + CONFIG_MAPS, {
    ...{ method: 'POST', ca: caPem, cert: clientCertPem, key: clientKeyPem },
    headers: { 'content-type': 'application/json' },
  });
  request.end(JSON.stringify({ metadata: { name } }));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const retryAfter = response.headers['retry-after'] ?? '';
  return { code: response.statusCode ?? 0, text: await text(response), retryAfter };
}

const rowOf = async (level: string): Promise<Record<string, string>> => {
  const { text } = await admin.get(`${DUMP}/dump_priority_levels`);
  const [header = '', ...rows] = text.split('\n');
  const cells = (row: string) => row.split(',').map((cell) => cell.trim());
  const row = cells(rows.find((each) => each.startsWith(`${level},`)) ?? '');
  return Object.fromEntries(cells(header).map((name, i) => [name, row[i] ?? '']));
};

describe('a greedy user', () => {
  it('keeps neither another user of its level nor kubelets from being served', async () => {
    const held = await holdCreates();
    const create = (as: Requests, name: string): Promise<Answer> => as.post(CONFIG_MAPS, { metadata: { name } });
    const [fill, more] = [SEATS, SEATS + QUEUE_LENGTH].map((count, part) =>
      Array.from({ length: count - part * SEATS }, (_, i) => create(greedy, `held-${part}-${i}`)),
    ) as [Promise<Answer>[], Promise<Answer>[]];
    await soon(() => held.length).toBe(SEATS);
    await expect
      .poll(() => rowOf('narrow'))
      .toMatchObject({
        WaitingRequests: String(QUEUE_LENGTH),
        ExecutingRequests: String(SEATS),
        IsIdle: 'false',
      });

    // Its seats are taken and its queue is full. It is told so, and when to come again.
    expect(await createOnce('greedy', 'held-too-many')).toEqual({
      code: 429,
      text: 'Too many requests, please try again later.\n',
      retryAfter: '1',
    });

    // Another level does not notice.
    const lease = { metadata: { name: 'n1', namespace: 'kube-node-lease' }, spec: { holderIdentity: 'n1' } };
    expect((await kubelet.post(LEASES, lease)).code).toBe(201);

    // The quiet user of the same level comes last. It is served as soon as what has run so far is charged to the greedy
    // one: one request may slip in when only the first of two is done.
    const modest = create(quiet, 'held-quiet');
    await soon(async () => (await rowOf('narrow'))['WaitingRequests']).toBe(String(QUEUE_LENGTH + 1));
    const requests = await admin.get(`${DUMP}/dump_requests?includeRequestDetails=1`);
    expect(requests.text).toMatch(/^narrow, +testers, .*quiet.*configmaps/m);
    for (let i = 0; i < SEATS; i++) held[i]!.let();
    await soon(() => held.length).toBe(2 * SEATS);
    expect(held.map(({ name }) => name)).toContain('held-quiet');

    for (let i = SEATS; i < SEATS + QUEUE_LENGTH + 1; i++) {
      await soon(() => held.length).toBeGreaterThan(i);
      held[i]!.let();
    }
    const answers = await Promise.all([...fill, ...more, modest]);
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => 201));
    await soon(async () => (await rowOf('narrow'))['IsIdle']).toBe('true');
    const { text: metrics } = await admin.get('/metrics');
    expect(metrics).toContain(
      'apiserver_flowcontrol_rejected_requests_total{priority_level="narrow",flow_schema="testers",reason="queue-full"} 1',
    );
    expect(metrics).toContain(`apiserver_flowcontrol_nominal_limit_seats{priority_level="narrow"} ${SEATS}`);
  }, 60_000);
});

describe('priority and fairness', () => {
  it('says by uid which schema and level a request belongs to', async () => {
    const { headers } = await kubelet.get('/version');
    const uidOf = async (path: string) => (await admin.get(`${FLOW_CONTROL}/${path}`)).body.metadata.uid as string;
    expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(await uidOf('flowschemas/system-nodes'));
    expect(headers['x-kubernetes-pf-prioritylevel-uid']).toBe(await uidOf('prioritylevelconfigurations/system'));
  });

  it('lets a level go that is deleted, and says what dangles', async () => {
    await createLevel('short-lived', 1);
    await soon(async () => (await rowOf('short-lived'))['IsQuiescing']).toBe('false');
    expect((await admin.delete(`${FLOW_CONTROL}/prioritylevelconfigurations/short-lived`)).code).toBe(200);
    await soon(async () => (await rowOf('short-lived'))['PriorityLevelName']).toBe('');
    const rules = [
      {
        subjects: [{ kind: 'User', user: { name: 'nobody' } }],
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
      },
    ];
    const spec = { priorityLevelConfiguration: { name: 'short-lived' }, matchingPrecedence: 7_000, rules };
    await admin.post(`${FLOW_CONTROL}/flowschemas`, { metadata: { name: 'lost' }, spec });
    const condition = async () => (await admin.get(`${FLOW_CONTROL}/flowschemas/lost`)).body.status?.conditions?.[0];
    await soon(condition).toMatchObject({ type: 'Dangling', status: 'True', reason: 'NotFound' });
  });
});
