import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKubeconfigFile } from '@pilothouse/pki';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIGURATION = `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: EventRateLimit
    path: events.yaml
  - name: PodNodeSelector
    configuration:
      podNodeSelectorPluginConfig:
        clusterDefaultNodeSelector: pool=common
        strict: pool=common,zone=a
  - name: PodTolerationRestriction
    configuration:
      apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1
      kind: Configuration
      default: [{ key: pool, operator: Exists }]
      whitelist: [{ key: pool, operator: Exists }, { key: gpu, operator: Exists }]
`;
const EVENTS = `
apiVersion: eventratelimit.admission.k8s.io/v1alpha1
kind: Configuration
limits:
  - { type: Namespace, qps: 1, burst: 2, cacheSize: 10 }
`;

let folder: string;
let server: RunningApiserver;
let requests: Requests;
let developer: Requests;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-admission-'));
  writeFileSync(join(folder, 'admission.yaml'), CONFIGURATION);
  writeFileSync(join(folder, 'events.yaml'), EVENTS);
  server = await startApiserver({
    users: [{ name: 'developer', user: 'developer', groups: [] }],
    flags: [
      `--admission-control-config-file=${join(folder, 'admission.yaml')}`,
      '--enable-admission-plugins=EventRateLimit,PodNodeSelector,PodTolerationRestriction',
      '--disable-admission-plugins=ServiceAccount,DefaultTolerationSeconds',
      '--authorization-mode=RBAC',
    ],
  });
  requests = requestsOf(server);
  developer = requestsOf(server, 'developer');
  for (const name of ['strict', 'own']) await requests.post('/api/v1/namespaces', { metadata: { name } });
});

afterAll(async () => {
  requests?.close();
  developer?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let serial = 0;

const createPod = (namespace: string, spec: object) =>
  requests.post(`/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name: `pod-${serial++}` },
    spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
  });

describe('--admission-control-config-file', () => {
  it('has a node selector for namespaces without one, and says what may be selected', async () => {
    expect((await createPod('default', {})).body.spec.nodeSelector).toEqual({ pool: 'common' });
    expect((await createPod('strict', { nodeSelector: { zone: 'a' } })).code).toBe(201);
    const { code, body } = await createPod('strict', { nodeSelector: { zone: 'b' } });
    expect([code, body.message]).toEqual([
      403,
      expect.stringMatching(/is forbidden: pod node label selector labels conflict with its namespace whitelist$/),
    ]);
  });

  it('gives pods tolerations, and says which they may have', async () => {
    const gpu = { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' };
    const { body } = await createPod('default', { tolerations: [gpu] });
    expect(body.spec.tolerations).toEqual([gpu, { key: 'pool', operator: 'Exists' }]);
    const refused = await createPod('default', { tolerations: [{ key: 'other', operator: 'Exists' }] });
    expect([refused.code, refused.body.message]).toEqual([
      403,
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its cluster whitelist',
    ]);
  });

  it('lets a namespace say otherwise of tolerations', async () => {
    const annotations = {
      'scheduler.alpha.kubernetes.io/defaultTolerations': '[]',
      'scheduler.alpha.kubernetes.io/tolerationsWhitelist': '[{"key":"other","operator":"Exists"}]',
    };
    await requests.patch('/api/v1/namespaces/own', 'merge', { metadata: { annotations } });
    expect((await createPod('own', { tolerations: [{ key: 'other', operator: 'Exists' }] })).code).toBe(201);
    const { body } = await createPod('own', { tolerations: [{ key: 'gpu', operator: 'Exists' }] });
    expect(body.message).toMatch(/conflict with its namespace whitelist$/);
  });

  it('limits the events of a namespace', async () => {
    const create = (namespace: string) =>
      requests.post(`/api/v1/namespaces/${namespace}/events`, {
        metadata: { name: `event-${serial++}`, namespace },
        involvedObject: { kind: 'Pod', namespace, name: 'x' },
      });
    const codes = [];
    for (let i = 0; i < 20; i++) codes.push((await create('default')).code);
    expect(codes.slice(0, 2)).toEqual([201, 201]);
    expect(codes).toContain(429);
    expect((await create('own')).code).toBe(201);
    const answers = await Promise.all(Array.from({ length: 20 }, () => create('default')));
    expect(answers.find(({ code }) => code === 429)?.body).toMatchObject({
      reason: 'TooManyRequests',
      message: 'Too many requests: limit reached on type Namespace for key default',
    });
  });
});

describe('ClusterTrustBundleAttest', () => {
  it('lets only those publish trust in a signer who may attest for it', async () => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const rule = (verb: string, resource: string) => ({
      verbs: [verb],
      apiGroups: ['certificates.k8s.io'],
      resources: [resource],
    });
    await requests.post(`${rbac}/clusterroles`, {
      metadata: { name: 'dev' },
      rules: [rule('create', 'clustertrustbundles')],
    });
    await requests.post(`${rbac}/clusterrolebindings`, {
      metadata: { name: 'dev' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'dev' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'developer' }],
    });
    const trustBundle = readKubeconfigFile(server.kubeconfig()).caPem;
    const create = () =>
      developer.post('/apis/certificates.k8s.io/v1beta1/clustertrustbundles', {
        metadata: { name: 'example.com:signer:one' },
        spec: { signerName: 'example.com/signer', trustBundle },
      });
    await expect
      .poll(async () => (await create()).body.message)
      .toMatch(/is forbidden: user not permitted to attest for signerName "example.com\/signer"$/);
    const rules = [
      rule('create', 'clustertrustbundles'),
      { ...rule('attest', 'signers'), resourceNames: ['example.com/*'] },
    ];
    await requests.patch(`${rbac}/clusterroles/dev`, 'merge', { rules });
    await expect.poll(async () => (await create()).code).toBe(201);
  });
});
