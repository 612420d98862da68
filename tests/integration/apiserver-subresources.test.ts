import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const PODS = '/api/v1/namespaces/default/pods';
const SERVICES = '/api/v1/namespaces/default/services';

let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
  await requests.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

const pod = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, labels },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
});

describe('admission of a pod', () => {
  it('gives it an account with its token, tolerations and a priority', async () => {
    const { body } = await requests.post(PODS, pod('admitted'));
    expect(body.spec).toMatchObject({
      serviceAccountName: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
    });
    expect(body.spec.volumes[0]).toMatchObject({ name: expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/) });
    expect(body.spec.tolerations.map((each: { key: string }) => each.key)).toEqual([
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
    ]);
  });

  it('refuses an account or a priority class that does not exist', async () => {
    const account = await requests.post(PODS, {
      ...pod('lost'),
      spec: { ...pod('lost').spec, serviceAccountName: 'nobody' },
    });
    expect(account.body.message).toBe(
      'pods "lost" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
    );
    const priority = await requests.post(PODS, {
      ...pod('lost'),
      spec: { ...pod('lost').spec, priorityClassName: 'none' },
    });
    expect(priority.body.message).toBe('pods "lost" is forbidden: no PriorityClass with name none was found');
  });
});

describe('binding', () => {
  const binding = { metadata: { name: 'bound' }, target: { kind: 'Node', name: 'node-1' } };

  it('puts a pod on a node once', async () => {
    await requests.post(PODS, pod('bound'));
    const bound = await requests.post(`${PODS}/bound/binding`, binding);
    expect(bound).toMatchObject({ code: 201, body: { kind: 'Status', status: 'Success' } });
    const { body } = await requests.get(`${PODS}/bound`);
    expect(body.spec.nodeName).toBe('node-1');
    expect(body.status.conditions).toEqual([expect.objectContaining({ type: 'PodScheduled', status: 'True' })]);
    const again = await requests.post(`${PODS}/bound/binding`, binding);
    expect(again).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
    expect(again.body.message).toBe(
      'Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "node-1"',
    );
  });

  it('is refused for its target, in upstream’s words', async () => {
    await requests.post(PODS, pod('free'));
    const bind = (body: object) => requests.post(`${PODS}/free/binding`, body);
    expect(await bind({ target: { name: 'node-1' } })).toMatchObject({
      code: 400,
      body: { reason: 'BadRequest', message: 'name in URL does not match name in Binding object' },
    });
    const nowhere = await bind({ metadata: { name: 'free' }, target: { kind: 'Pod' } });
    expect(nowhere.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'BadRequest',
      message:
        '[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
      code: 400,
    });
    const other = await bind({ metadata: { name: 'free', uid: 'x' }, target: { name: 'node-1' } });
    expect(other).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
    expect(other.body.message).toMatch(
      /^Operation cannot be fulfilled on pods "free": StorageError: invalid object, Code: 4, Key: \/registry\/pods\/default\/free, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: /,
    );
    await requests.delete(`${PODS}/free`);
  });

  it('lets a bound pod end within its grace period, an unbound one at once', async () => {
    const bound = await requests.delete(`${PODS}/bound`);
    expect(bound.body.metadata.deletionGracePeriodSeconds).toBe(30);
    expect((await requests.get(`${PODS}/bound`)).code).toBe(200);
    await requests.delete(`${PODS}/bound`, { gracePeriodSeconds: 0 });
    expect((await requests.get(`${PODS}/bound`)).code).toBe(404);
    await requests.post(PODS, pod('unbound'));
    await requests.delete(`${PODS}/unbound`);
    expect((await requests.get(`${PODS}/unbound`)).code).toBe(404);
  });
});

describe('eviction', () => {
  it('asks the disruption budget first', async () => {
    await requests.post(PODS, pod('kept', { app: 'kept' }));
    await requests.post(`${PODS}/kept/binding`, {
      metadata: { name: 'kept' },
      target: { kind: 'Node', name: 'node-1' },
    });
    const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await requests.patch(`${PODS}/kept/status`, 'merge', { status: running });
    await requests.post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
      metadata: { name: 'keep' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'kept' } } },
    });
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 1,
    };
    const budget = '/apis/policy/v1/namespaces/default/poddisruptionbudgets/keep/status';
    await requests.patch(budget, 'merge', { status });
    const refused = await requests.post(`${PODS}/kept/eviction`, { metadata: { name: 'kept' } });
    expect(refused.code).toBe(429);
    expect(refused.body).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget keep needs 1 healthy pods and has 1 currently',
          },
        ],
      },
    });
    await requests.patch(budget, 'merge', { status: { disruptionsAllowed: 1 } });
    expect((await requests.post(`${PODS}/kept/eviction`, {})).code).toBe(201);
    expect((await requests.get(`${PODS}/kept`)).body.metadata.deletionTimestamp).toBeTruthy();
  });
});

describe('scale', () => {
  it('reads and writes the number of replicas, and nothing else', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const template = { metadata: { labels: { app: 'scaled' } }, spec: pod('x').spec };
    await requests.post(path, {
      metadata: { name: 'scaled' },
      spec: { selector: { matchLabels: { app: 'scaled' } }, template },
    });
    const { body } = await requests.get(`${path}/scaled/scale`);
    expect(body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 1 },
      status: { replicas: 0, selector: 'app=scaled' },
    });
    const printed = await requests.get(`${path}/scaled/scale`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(printed.body).toMatchObject({
      kind: 'Table',
      columnDefinitions: ['Name', 'Desired', 'Available', 'Age'].map((name) => ({ name })),
      rows: [{ cells: ['scaled', 1, 0, expect.any(String)], object: { metadata: { name: 'scaled' } } }],
    });
    const scaled = await requests.put(`${path}/scaled/scale`, { ...body, spec: { replicas: 4 } });
    expect(scaled.body.spec.replicas).toBe(4);
    expect((await requests.get(`${path}/scaled`)).body).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 4 },
    });
    const negative = await requests.patch(`${path}/scaled/scale`, 'merge', { spec: { replicas: -1 } });
    expect(negative.code).toBe(422);
    expect(negative.body.message).toContain('spec.replicas: Invalid value: -1: must be greater than or equal to 0');
  });
});

describe('a service', () => {
  it('gets an address and ports, keeps them, and gives them back', async () => {
    const ports = [{ port: 80 }];
    const { body } = await requests.post(SERVICES, {
      metadata: { name: 'web' },
      spec: { type: 'NodePort', selector: { a: 'b' }, ports },
    });
    const { clusterIP, ports: given } = body.spec;
    expect(clusterIP).toMatch(/^10\.0\.0\.\d+$/);
    expect(given[0].nodePort).toBeGreaterThanOrEqual(30_000);
    expect(
      (await requests.get(`/apis/networking.k8s.io/v1/ipaddresses/${clusterIP}`)).body.spec.parentRef,
    ).toMatchObject({ name: 'web' });
    const replaced = await requests.put(`${SERVICES}/web`, {
      metadata: { name: 'web' },
      spec: { type: 'NodePort', selector: { a: 'c' }, ports },
    });
    expect(replaced.body.spec).toMatchObject({ clusterIP, ports: [{ nodePort: given[0].nodePort }] });
    const taken = await requests.post(SERVICES, { metadata: { name: 'thief' }, spec: { clusterIP, ports } });
    expect(taken.code).toBe(422);
    expect(taken.body.message).toContain('provided IP is already allocated');
    await requests.delete(`${SERVICES}/web`);
    expect((await requests.get(`/apis/networking.k8s.io/v1/ipaddresses/${clusterIP}`)).code).toBe(404);
  });

  it('without a cluster IP gets none', async () => {
    const { body } = await requests.post(SERVICES, {
      metadata: { name: 'headless' },
      spec: { clusterIP: 'None', selector: { a: 'b' } },
    });
    expect(body.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
  });
});
