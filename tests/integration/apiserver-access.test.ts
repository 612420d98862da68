import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKubeClient } from '@pilothouse/client';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { readFileSync } from 'node:fs';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

let server: RunningApiserver;
let admin: Requests;
let alice: Requests;

beforeAll(async () => {
  server = await startApiserver({
    flags: ['--authorization-mode=Node,RBAC'],
    users: [{ name: 'alice', user: 'alice', groups: ['developers'] }],
  });
  admin = requestsOf(server);
  alice = requestsOf(server, 'alice');
});

afterAll(async () => {
  admin?.close();
  alice?.close();
  await server?.stop();
});

function anonymous(token?: string) {
  const ca = readFileSync(server.pki.path('ca.crt'), 'utf8');
  const client = createKubeClient({
    server: server.server,
    userAgent: 'test/1.0',
    tls: { ca },
    ...(token ? { token } : {}),
  });
  return {
    async code(path: string): Promise<number> {
      const { status } = await client.raw('GET', path);
      return status;
    },
    client,
  };
}

const roleBinding = (name: string, role: string, subject: object) => ({
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [subject],
});

describe('authorization', () => {
  it('refuses in upstream’s words what no role allows', async () => {
    const { code, body } = await alice.get(CONFIG_MAPS);
    expect(code).toBe(403);
    expect(body.message).toBe(
      'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "default"',
    );
  });

  it('follows a binding as soon as it is there, in its namespace only', async () => {
    await admin.post(
      `${RBAC}/namespaces/default/rolebindings`,
      roleBinding('developers', 'view', { kind: 'Group', name: 'developers' }),
    );
    await expect.poll(async () => (await alice.get(CONFIG_MAPS)).code).toBe(200);
    expect((await alice.get('/api/v1/namespaces/kube-system/configmaps')).code).toBe(403);
    expect((await alice.post(CONFIG_MAPS, { metadata: { name: 'no' } })).code).toBe(403);
  });

  it('asks who creates by a PUT or an apply whether they may create', async () => {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    const rules = [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['update', 'patch'] }];
    await admin.post(`${RBAC}/clusterroles`, { metadata: { name: 'lease-keeper' }, rules });
    await admin.post(
      `${RBAC}/clusterrolebindings`,
      roleBinding('keeps', 'lease-keeper', { kind: 'User', name: 'alice' }),
    );
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'made' }, spec: {} };
    const refused = {
      ...{ code: 403, reason: 'Forbidden', message: 'leases.coordination.k8s.io "made" is forbidden: ' },
      details: { name: 'made', group: 'coordination.k8s.io', kind: 'leases' },
    };
    expect((await alice.put(`${leases}/made`, lease)).body).toMatchObject(refused);
    expect((await alice.patch(`${leases}/made?fieldManager=a`, 'apply', lease)).body).toMatchObject(refused);
    await admin.post(leases, lease);
    expect((await alice.put(`${leases}/made`, lease)).code).toBe(422);
    expect((await alice.patch(`${leases}/made?fieldManager=a`, 'apply', lease)).code).toBe(200);
  });

  it('lets nobody hand out more than they have', async () => {
    await admin.post(
      `${RBAC}/clusterrolebindings`,
      roleBinding('alice-admin', 'admin', { kind: 'User', name: 'alice' }),
    );
    await expect.poll(async () => (await alice.get('/api/v1/namespaces/kube-system/configmaps')).code).toBe(200);
    const { code, body } = await alice.post(
      `${RBAC}/namespaces/default/rolebindings`,
      roleBinding('more', 'cluster-admin', { kind: 'User', name: 'alice' }),
    );
    expect(code).toBe(403);
    expect(body.message).toContain('is attempting to grant RBAC permissions not currently held');
  });

  it('answers what a user may do', async () => {
    const review = { spec: { resourceAttributes: { verb: 'delete', resource: 'nodes' } } };
    const { body } = await alice.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review);
    expect(body.status.allowed).toBe(false);
    expect(body.metadata).toEqual({
      managedFields: [
        expect.objectContaining({
          ...{ manager: 'integration-test', operation: 'Update', apiVersion: 'authorization.k8s.io/v1' },
          fieldsV1: { 'f:spec': { 'f:resourceAttributes': { '.': {}, 'f:resource': {}, 'f:verb': {} } } },
        }),
      ],
    });
  });

  it.each([
    [
      'subjectaccessreviews',
      {},
      'SubjectAccessReview.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: ' +
        'exactly one of nonResourceAttributes or resourceAttributes must be specified, ' +
        'spec.user: Invalid value: "": at least one of user or group must be specified]',
    ],
    [
      'selfsubjectaccessreviews',
      {
        metadata: { name: 'n' },
        spec: { resourceAttributes: { verb: 'get' }, nonResourceAttributes: { path: '/x', verb: 'get' } },
      },
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: [spec.nonResourceAttributes: Invalid value: ' +
        '{"Path":"/x","Verb":"get"}: cannot be specified in combination with resourceAttributes, ' +
        'metadata: Invalid value: {"name":"n"}: must be empty]',
    ],
    [
      'selfsubjectaccessreviews',
      {
        spec: {
          resourceAttributes: {
            fieldSelector: { rawSelector: 'a=b', requirements: [{ key: '', operator: 'In', values: [] }] },
            labelSelector: {},
          },
        },
      },
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: [' +
        'spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": ' +
        'may not specified at the same time as requirements, ' +
        'spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified, ' +
        'spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: ' +
        "must be specified when `operator` is 'In' or 'NotIn', " +
        'spec.resourceAttributes.labelSelector.requirements: Required value: when ' +
        'spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required]',
    ],
    [
      'selfsubjectaccessreviews',
      {
        spec: {
          resourceAttributes: {
            labelSelector: {
              requirements: [
                { key: 'a b', operator: 'Exists', values: ['-'] },
                { key: 'a', operator: 'Newer' },
              ],
            },
          },
        },
      },
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: [' +
        'spec.resourceAttributes.labelSelector.requirements[0].values: Forbidden: ' +
        "may not be specified when `operator` is 'Exists' or 'DoesNotExist', " +
        'spec.resourceAttributes.labelSelector.requirements[0].key: Invalid value: "a b": name part must consist of',
    ],
    [
      'namespaces/default/localsubjectaccessreviews',
      { spec: { user: 'u', nonResourceAttributes: { path: '/' } } },
      'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: ' +
        '{"Path":"/","Verb":""}: disallowed on this kind of request',
    ],
    [
      'namespaces/default/localsubjectaccessreviews',
      { spec: { user: 'u', resourceAttributes: { namespace: 'other', verb: 'get' } } },
      'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: ' +
        'Invalid value: "other": must match metadata.namespace',
    ],
  ])('refuses a question that makes no sense: %s %j', async (resource, review, message) => {
    const { code, body } = await admin.post(`/apis/authorization.k8s.io/v1/${resource}`, review);
    expect(code).toBe(422);
    // What is tracked of the one who asks stands in the metadata, too.
    expect(body.message.replace(/,"managedFields":\[.*\](?=\})/, '')).toContain(message);
  });

  it('shows health and version to anybody, and nothing else', async () => {
    const nobody = anonymous();
    expect(await nobody.code('/readyz')).toBe(200);
    expect(await nobody.code('/version')).toBe(200);
    expect(await nobody.code('/api')).toBe(403);
    nobody.client.close();
  });

  it('lets an administrator act as somebody else', async () => {
    const { body } = await admin.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: {},
      headers: { 'impersonate-user': 'bob', 'impersonate-group': 'testers' },
    });
    expect(body.status.userInfo).toEqual({ username: 'bob', groups: ['testers', 'system:authenticated'] });
    const refused = await alice.send('GET', CONFIG_MAPS, { headers: { 'impersonate-user': 'bob' } });
    expect(refused.body.message).toContain('cannot impersonate resource "users"');
  });
});

describe('a service account token', () => {
  it('authenticates its account until the account is gone', async () => {
    await admin.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
    const { code, body } = await admin.post('/api/v1/namespaces/default/serviceaccounts/robot/token', {
      spec: { expirationSeconds: 3600 },
    });
    expect(code).toBe(201);
    const token = body.status.token as string;
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    expect(claims).toMatchObject({
      iss: 'https://kubernetes.default.svc.cluster.local',
      sub: 'system:serviceaccount:default:robot',
      aud: ['https://kubernetes.default.svc.cluster.local'],
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot' } },
    });
    const review = await admin.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } });
    expect(review.body.status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:robot' },
    });
    const robot = anonymous(token);
    expect(await robot.code('/api')).toBe(200);
    await admin.delete('/api/v1/namespaces/default/serviceaccounts/robot');
    await expect.poll(() => robot.code('/api')).toBe(401);
    robot.client.close();
  });

  it('that is not ours is 401', async () => {
    const stranger = anonymous('abc.def.ghi');
    expect(await stranger.code('/api')).toBe(401);
    stranger.client.close();
  });
});

describe('a kubelet', () => {
  const as = { 'impersonate-user': 'system:node:node-1', 'impersonate-group': 'system:nodes' };
  const code = async (method: string, path: string, body?: unknown) =>
    (await admin.send(method, path, { headers: as, ...(body === undefined ? {} : { body }) })).code;
  const message = async (path: string) => (await admin.send('GET', path, { headers: as })).body.message as string;

  it('reads the secrets of the pods on its node, and no others', async () => {
    const secrets = '/api/v1/namespaces/default/secrets';
    await admin.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
    for (const name of ['mounted', 'other']) await admin.post(secrets, { metadata: { name } });
    await admin.post('/api/v1/namespaces/default/pods', {
      metadata: { name: 'reader' },
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'c', image: 'nginx' }],
        volumes: [{ name: 'v', secret: { secretName: 'mounted' } }],
      },
    });
    await expect.poll(() => code('GET', `${secrets}/mounted`)).toBe(200);
    expect(await code('GET', `${secrets}/other`)).toBe(403);
    expect(await code('GET', secrets)).toBe(403);
  });

  it('reads its own pods and its own Node object', async () => {
    expect(await code('GET', '/api/v1/pods?fieldSelector=spec.nodeName=node-1')).toBe(200);
    expect(await code('GET', '/api/v1/pods?fieldSelector=spec.nodeName=node-2')).toBe(403);
    expect(await code('GET', '/api/v1/pods?fieldSelector=spec.nodeName!=node-1')).toBe(403);
    expect(await message('/api/v1/pods')).toBe(
      'pods is forbidden: User "system:node:node-1" cannot list resource "pods" in API group "" at the cluster scope: ' +
        'can only list/watch pods with spec.nodeName field selector',
    );
    expect(await code('GET', '/api/v1/nodes/node-1')).toBe(404);
    expect(await message('/api/v1/nodes/node-2')).toContain(
      `: node 'node-1' cannot read 'node-2', only its own Node object`,
    );
    expect(await message('/api/v1/nodes')).toContain(`: node 'node-1' cannot read all nodes, only its own Node object`);
  });

  it('is asked about as it asks itself, with selectors', async () => {
    const asked = async (fieldSelector: unknown) => {
      const resourceAttributes = { verb: 'list', resource: 'pods', version: 'v1', fieldSelector };
      const spec = { user: 'system:node:node-1', groups: ['system:nodes'], resourceAttributes };
      return (await admin.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec })).body.status;
    };
    const own = { key: 'spec.nodeName', operator: 'In', values: ['node-1'] };
    expect(await asked({ rawSelector: 'spec.nodeName=node-1' })).toEqual({ allowed: true });
    expect(await asked({ requirements: [own] })).toEqual({ allowed: true });
    const problem = (how: string) => `spec.resourceAttributes.fieldSelector ${how} due to parse error`;
    expect(await asked({ requirements: [own, { key: 'a', operator: 'Newer' }] })).toEqual({
      allowed: true,
      evaluationError: problem('partially ignored'),
    });
    expect(await asked({ rawSelector: 'x' })).toEqual({
      allowed: false,
      reason: 'can only list/watch pods with spec.nodeName field selector',
      evaluationError: problem('ignored'),
    });
  });

  it('keeps its own lease', async () => {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
    expect(await code('POST', leases, { metadata: { name: 'node-1' } })).toBe(201);
    expect(await code('GET', `${leases}/node-1`)).toBe(200);
    expect(await code('GET', `${leases}/node-2`)).toBe(403);
  });
});

describe('a front proxy', () => {
  it('speaks for others with its own authority’s certificate, and is nobody itself', async () => {
    const dir = server.pki.path('');
    const proxied = await startApiserver({
      flags: ['--authorization-mode=RBAC', `--requestheader-client-ca-file=${server.pki.path('front-proxy-ca.crt')}`],
      pki: server.pki,
    });
    try {
      const [cert, key] = ['front-proxy-client.crt', 'front-proxy-client.key'].map((file) =>
        readFileSync(`${dir}/${file}`, 'utf8'),
      );
      const ca = readFileSync(server.pki.path('ca.crt'), 'utf8');
      const client = createKubeClient({ server: proxied.server, userAgent: 'test/1.0', tls: { ca, cert, key } });
      const whoami = async (headers: Record<string, string>) => {
        const answer = await client.raw('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
          body: '{}',
          headers: { 'content-type': 'application/json', ...headers },
        });
        return JSON.parse(answer.body.toString());
      };
      const named = await whoami({ 'x-remote-user': 'carol', 'x-remote-group': 'writers' });
      expect(named.status.userInfo).toEqual({ username: 'carol', groups: ['writers', 'system:authenticated'] });
      expect((await whoami({})).message).toContain(
        'User "system:anonymous" cannot create resource "selfsubjectreviews"',
      );
      client.close();
    } finally {
      await proxied.stop();
    }
  });
});
