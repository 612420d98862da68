import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

/** A quota whose usage is known, as its controller leaves it. */
async function quota(
  namespace: string,
  hard: Record<string, string>,
  used: Record<string, string>,
  spec: object = {},
): Promise<string> {
  await requests.post('/api/v1/namespaces', { metadata: { name: namespace } });
  const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
  await requests.post(quotas, { metadata: { name: 'q' }, spec: { hard, ...spec } });
  const { code } = await requests.patch(`${quotas}/q/status`, 'merge', { status: { hard, used } });
  expect(code).toBe(200);
  return `${quotas}/q`;
}

const configMaps = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`;
const named = (name: string) => ({ metadata: { name } });

describe('a quota', () => {
  it('is charged with what is created, and refuses what would exceed it', async () => {
    const path = await quota('counted', { configmaps: '2' }, { configmaps: '0' });
    expect((await requests.post(configMaps('counted'), named('one'))).code).toBe(201);
    expect((await requests.post(configMaps('counted'), named('two'))).code).toBe(201);
    const { code, body } = await requests.post(configMaps('counted'), named('three'));
    expect(code).toBe(403);
    expect(body).toMatchObject({
      reason: 'Forbidden',
      message:
        'configmaps "three" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    });
    expect((await requests.get(path)).body.status.used).toEqual({ configmaps: '2' });
  });

  it('gives its last places to exactly as many of many at once', async () => {
    const path = await quota('raced', { 'count/configmaps': '5' }, { 'count/configmaps': '0' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => requests.post(configMaps('raced'), named(`c${i}`))),
    );
    expect(answers.filter(({ code }) => code === 201)).toHaveLength(5);
    expect(answers.filter(({ code }) => code === 403)).toHaveLength(15);
    expect((await requests.get(path)).body.status.used).toEqual({ 'count/configmaps': '5' });
  });

  it('is not charged in a dry run', async () => {
    const path = await quota('dry', { configmaps: '1' }, { configmaps: '0' });
    expect((await requests.post(`${configMaps('dry')}?dryRun=All`, named('x'))).code).toBe(201);
    expect((await requests.get(path)).body.status.used).toEqual({ configmaps: '0' });
  });

  it('of compute resources wants every container to say what it needs', async () => {
    await quota(
      'compute',
      { 'requests.cpu': '1', 'limits.memory': '1Gi' },
      { 'requests.cpu': '0', 'limits.memory': '0' },
    );
    await requests.post('/api/v1/namespaces/compute/serviceaccounts', named('default'));
    const pods = '/api/v1/namespaces/compute/pods';
    const pod = (name: string, resources?: object) => ({
      ...named(name),
      spec: { containers: [{ name: 'c', image: 'i', ...(resources ? { resources } : {}) }] },
    });
    expect((await requests.post(pods, pod('silent'))).body.message).toBe(
      'pods "silent" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
    );
    const resources = { requests: { cpu: '600m' }, limits: { memory: '256Mi' } };
    expect((await requests.post(pods, pod('first', resources))).code).toBe(201);
    expect((await requests.post(pods, pod('second', resources))).body.message).toBe(
      'pods "second" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
  });

  it('is charged for what a pod grows by, and for a pod that moves into its scope', async () => {
    const path = await quota('growing', { 'requests.cpu': '1' }, { 'requests.cpu': '0' });
    await requests.post('/api/v1/namespaces/growing/serviceaccounts', named('default'));
    const pods = '/api/v1/namespaces/growing/pods';
    const containers = (cpu: string) => [{ name: 'c', image: 'i', resources: { requests: { cpu } } }];
    expect((await requests.post(pods, { ...named('p'), spec: { containers: containers('400m') } })).code).toBe(201);
    const resize = (cpu: string) =>
      requests.patch(`${pods}/p/resize`, 'strategic', {
        spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] },
      });
    expect((await resize('1500m')).body.message).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=1100m, used: requests.cpu=400m, limited: requests.cpu=1',
    );
    expect((await resize('900m')).code).toBe(200);
    expect((await requests.get(path)).body.status.used).toEqual({ 'requests.cpu': '900m' });

    const quotas = '/api/v1/namespaces/growing/resourcequotas';
    const terminating = { hard: { pods: '1' }, used: { pods: '0' } };
    await requests.post(quotas, { ...named('t'), spec: { hard: { pods: '1' }, scopes: ['Terminating'] } });
    await requests.patch(`${quotas}/t/status`, 'merge', { status: terminating });
    expect((await requests.patch(`${pods}/p`, 'merge', { spec: { activeDeadlineSeconds: 60 } })).code).toBe(200);
    expect((await requests.get(`${quotas}/t`)).body.status.used).toEqual({ pods: '1' });
  });

  it('whose usage nobody has counted yet refuses', async () => {
    await quota('unknown', { configmaps: '2' }, {});
    expect((await requests.post(configMaps('unknown'), named('x'))).body.message).toBe(
      'configmaps "x" is forbidden: status unknown for quota: q, resources: configmaps',
    );
  });
});
