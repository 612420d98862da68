import { expect } from 'vitest';
import { eventually, refusal, story, type Story } from '../story.ts';
import { pod, template } from '../apps/workloads.ts';
import type { Json } from '../api.ts';

const HARD = {
  pods: '5',
  services: '10',
  'services.nodeports': '1',
  'services.loadbalancers': '1',
  replicationcontrollers: '10',
  resourcequotas: '1',
  secrets: '10',
  configmaps: '10',
  persistentvolumeclaims: '10',
  'requests.storage': '10Gi',
  cpu: '1',
  memory: '500Mi',
  'requests.ephemeral-storage': '50Gi',
  'count/replicasets.apps': '5',
};

/** Creates a quota, waits for its status, and tells what of it is used. */
async function quota({ api, in: within }: Story, name: string, hard: Json, spec: Json = {}) {
  const path = `${within()}/resourcequotas`;
  await api.create(path, { metadata: { name }, spec: { hard, ...spec } });
  await eventually(async () => expect((await api.get(`${path}/${name}`)).status.hard).toEqual(hard));
  return {
    path: `${path}/${name}`,
    uses: (used: Json) =>
      eventually(async () => expect((await api.get(`${path}/${name}`)).status.used).toMatchObject(used)),
  };
}

const withResources = (name: string, requests: Json, limits?: Json, spec: Json = {}): Json =>
  pod(name, 'sleep 1000', { ...spec, containers: [{ name: 'c', image: 'pause', resources: { requests, limits } }] });

story('the status of a quota is calculated at once', async (told) => {
  const { uses } = await quota(told, 'test-quota', HARD);
  await uses({ resourcequotas: '1', pods: '0', cpu: '0' });
});

story('a quota follows the life of a service', async (told) => {
  const { uses } = await quota(told, 'test-quota', HARD);
  const path = `${told.in()}/services`;
  const service = (name: string, type: string): Json => ({ metadata: { name }, spec: { type, ports: [{ port: 80 }] } });
  await told.api.create(path, service('test-service', 'ClusterIP'));
  await told.api.create(path, service('test-service-np', 'NodePort'));
  await uses({ services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  const refused = await refusal(told.api.create(path, service('test-service-lb', 'LoadBalancer')));
  expect(refused.code).toBe(403);
  expect(refused.body.message).toContain(
    'exceeded quota: test-quota, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
  );
  await told.api.delete(`${path}/test-service`);
  await told.api.delete(`${path}/test-service-np`);
  await uses({ services: '0', 'services.nodeports': '0' });
});

for (const [resource, object] of [
  ['secrets', { data: { data: 'dmFsdWU=' } }],
  ['configmaps', { data: { a: 'b' } }],
  ['replicationcontrollers', { spec: { replicas: 0, selector: { a: 'b' }, template: template('x', 'true') } }],
] as const) {
  story(`a quota follows the life of ${resource}`, async (told) => {
    const path = `${told.in()}/${resource}`;
    const present = resource === 'configmaps' ? 1 : 0;
    if (present) await eventually(async () => expect((await told.api.get(path)).items).toHaveLength(1));
    const { uses } = await quota(told, 'test-quota', HARD);
    await uses({ [resource]: String(present) });
    const body =
      resource === 'replicationcontrollers' ? { spec: { replicas: 0, template: template('x', 'true') } } : object;
    await told.api.create(path, { metadata: { name: 'counted' }, ...body });
    await uses({ [resource]: String(present + 1) });
    await told.api.delete(`${path}/counted`);
    await uses({ [resource]: String(present) });
  });
}

story('a quota counts replica sets', async (told) => {
  const { uses } = await quota(told, 'test-quota', HARD);
  const path = `${told.in('apps/v1')}/replicasets`;
  await told.api.create(path, {
    metadata: { name: 'rs' },
    spec: { replicas: 0, selector: { matchLabels: { app: 'x' } }, template: template('x', 'true') },
  });
  await uses({ 'count/replicasets.apps': '1' });
  await told.api.delete(`${path}/rs`);
  await uses({ 'count/replicasets.apps': '0' });
});

story('a quota follows the life of a pod', async (told) => {
  const { uses } = await quota(told, 'test-quota', { ...HARD, 'requests.example.com/dongle': '3' });
  const path = `${told.in()}/pods`;
  const requests = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', 'example.com/dongle': '2' };
  await told.api.create(path, withResources('test-pod', requests, { 'example.com/dongle': '2' }));
  await uses({
    pods: '1',
    cpu: '500m',
    memory: '252Mi',
    'requests.ephemeral-storage': '30Gi',
    'requests.example.com/dongle': '2',
  });
  const tooMuch = await refusal(told.api.create(path, withResources('fail-pod', { cpu: '600m', memory: '100Mi' })));
  expect(tooMuch.body.message).toContain('exceeded quota: test-quota');
  const dongles = await refusal(
    told.api.create(
      path,
      withResources(
        'fail-dongles',
        { cpu: '5m', memory: '1Mi', 'ephemeral-storage': '1Gi', 'example.com/dongle': '2' },
        { 'example.com/dongle': '2' },
      ),
    ),
  );
  expect(dongles.code).toBe(403);
  const grow = await told.api.send(
    'PATCH',
    `${path}/test-pod`,
    { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '600m' } } }] } },
    { 'content-type': 'application/strategic-merge-patch+json' },
  );
  expect(grow.code).toBe(422);
  await told.api.delete(`${path}/test-pod?gracePeriodSeconds=0`);
  await uses({
    pods: '0',
    cpu: '0',
    memory: '0',
    'requests.ephemeral-storage': '0',
    'requests.example.com/dongle': '0',
  });
});

story('quotas with terminating scopes count the pods they speak of', async (told) => {
  const hard = {
    pods: '5',
    'requests.cpu': '1',
    'requests.memory': '500Mi',
    'limits.cpu': '2',
    'limits.memory': '1Gi',
  };
  const terminating = await quota(told, 'quota-terminating', hard, { scopes: ['Terminating'] });
  const notTerminating = await quota(told, 'quota-not-terminating', hard, { scopes: ['NotTerminating'] });
  const path = `${told.in()}/pods`;
  const [requests, limits] = [
    { cpu: '500m', memory: '200Mi' },
    { cpu: '1', memory: '400Mi' },
  ];
  const used = {
    pods: '1',
    'requests.cpu': '500m',
    'requests.memory': '200Mi',
    'limits.cpu': '1',
    'limits.memory': '400Mi',
  };
  const none = { pods: '0', 'requests.cpu': '0', 'requests.memory': '0', 'limits.cpu': '0', 'limits.memory': '0' };
  await told.api.create(path, withResources('long', requests, limits));
  await notTerminating.uses(used);
  await terminating.uses(none);
  await told.api.delete(`${path}/long?gracePeriodSeconds=0`);
  await notTerminating.uses(none);
  await told.api.create(path, withResources('short', requests, limits, { activeDeadlineSeconds: 3600 }));
  await terminating.uses(used);
  await notTerminating.uses(none);
  await told.api.delete(`${path}/short?gracePeriodSeconds=0`);
  await terminating.uses(none);
});

story('quotas with best-effort scopes count the pods they speak of', async (told) => {
  const best = await quota(told, 'quota-besteffort', { pods: '5' }, { scopes: ['BestEffort'] });
  const notBest = await quota(told, 'quota-not-besteffort', { pods: '5' }, { scopes: ['NotBestEffort'] });
  const path = `${told.in()}/pods`;
  await told.api.create(path, pod('best', 'sleep 1000'));
  await best.uses({ pods: '1' });
  await notBest.uses({ pods: '0' });
  await told.api.delete(`${path}/best?gracePeriodSeconds=0`);
  await best.uses({ pods: '0' });
  await told.api.create(path, withResources('burst', { cpu: '100m' }, { cpu: '500m' }));
  await notBest.uses({ pods: '1' });
  await best.uses({ pods: '0' });
  await told.api.delete(`${path}/burst?gracePeriodSeconds=0`);
  await notBest.uses({ pods: '0' });
});

story('a quota is updated and deleted', async (told) => {
  const { path } = await quota(told, 'test-quota', { cpu: '1', memory: '500Mi' });
  const updated = await told.api.update(path, (object) => (object.spec.hard = { cpu: '2', memory: '1Gi' }));
  expect(updated.spec.hard).toEqual({ cpu: '2', memory: '1Gi' });
  await told.api.delete(path);
  expect((await refusal(told.api.get(path))).body.reason).toBe('NotFound');
});

story('a quota is labelled, listed everywhere and deleted as a collection', async (told) => {
  const name = told.unique('quota');
  const { path } = await quota(told, name, { cpu: '500m' });
  await told.api.patch(path, 'strategic', {
    metadata: { labels: { [name]: 'patched' } },
    spec: { hard: { memory: '750Mi' } },
  });
  const { items } = await told.api.get(`/api/v1/resourcequotas?labelSelector=${name}%3Dpatched`);
  expect(items.map((item: Json) => item.spec.hard)).toEqual([{ cpu: '500m', memory: '750Mi' }]);
  await told.api.delete(`${told.in()}/resourcequotas?labelSelector=${name}%3Dpatched`);
  await eventually(async () =>
    expect((await told.api.get(`/api/v1/resourcequotas?labelSelector=${name}%3Dpatched`)).items).toEqual([]),
  );
});

story('the status of a quota is updated and patched, and follows its spec', async (told) => {
  const { api } = told;
  const { path } = await quota(told, 'q', { cpu: '500m', memory: '500Mi' });
  const updated = await api.update(path, (object) => (object.status = { hard: object.spec.hard }), '/status');
  expect(updated.status.hard).toEqual({ cpu: '500m', memory: '500Mi' });
  await api.patch(path, 'strategic', { spec: { hard: { cpu: '1', memory: '1Gi' } } });
  await eventually(async () =>
    expect((await api.get(`${path}/status`)).status.hard).toEqual({ cpu: '1', memory: '1Gi' }),
  );
  const patched = await api.patch(`${path}/status`, 'strategic', { status: { hard: { cpu: '2', memory: '2Gi' } } });
  expect(patched.status.hard).toEqual({ cpu: '2', memory: '2Gi' });
  expect(patched.spec.hard).toEqual({ cpu: '1', memory: '1Gi' });
});
