import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { available, pod, replicaSetOf, template } from './workloads.ts';

const controller = (name: string, replicas: number): Json => ({
  metadata: { name, labels: { name } },
  spec: { replicas, selector: { name }, template: { ...template(name, 'sleep 1000'), metadata: { labels: { name } } } },
});

/** Adopts a pod that matches, and lets it go when it no longer does. */
async function adoptAndRelease({ api, in: within }: Story, path: string, object: Json): Promise<void> {
  await api.create(`${within()}/pods`, {
    ...pod('adopted', 'sleep 1000'),
    metadata: { name: 'adopted', labels: { name: 'adopt', app: 'adopt' } },
  });
  await api.create(path, object);
  await eventually(async () =>
    expect((await api.get(`${within()}/pods/adopted`)).metadata.ownerReferences?.[0]).toMatchObject({
      name: 'adopt',
      controller: true,
    }),
  );
  await api.patch(`${within()}/pods/adopted`, 'strategic', { metadata: { labels: { name: 'free', app: 'free' } } });
  await eventually(async () =>
    expect((await api.get(`${within()}/pods/adopted`)).metadata.ownerReferences).toBeUndefined(),
  );
}

story('a replica set adopts matching pods and releases those that no longer match', (told) =>
  adoptAndRelease(told, `${told.in('apps/v1')}/replicasets`, replicaSetOf('adopt', 1)),
);

story('a replication controller adopts matching pods and releases those that no longer match', (told) =>
  adoptAndRelease(told, `${told.in()}/replicationcontrollers`, controller('adopt', 1)),
);

story('a replication controller says when a quota keeps it from creating pods', async ({ api, in: within }) => {
  await api.create(`${within()}/resourcequotas`, {
    metadata: { name: 'condition-test' },
    spec: { hard: { pods: '2' } },
  });
  await eventually(async () =>
    expect((await api.get(`${within()}/resourcequotas/condition-test`)).status.hard).toEqual({ pods: '2' }),
  );
  const path = `${within()}/replicationcontrollers`;
  await api.create(path, controller('condition-test', 3));
  const failure = async (): Promise<Json> =>
    (await api.get(`${path}/condition-test`)).status.conditions?.find(({ type }: Json) => type === 'ReplicaFailure');
  await eventually(async () => expect(await failure()).toMatchObject({ status: 'True', reason: 'FailedCreate' }));
  await api.update(`${path}/condition-test`, (object) => (object.spec.replicas = 2));
  await eventually(async () => expect(await failure()).toBeUndefined());
});

story('a replication controller goes through its life', async ({ api, in: within, unique, after }) => {
  const label = unique('rc');
  const path = `${within()}/replicationcontrollers`;
  const watch = api.watch(`${path}?labelSelector=told%3D${label}`);
  after(() => watch.close());
  const object = controller('rc-test', 1);
  await api.create(path, { ...object, metadata: { ...object.metadata, labels: { told: label } } });
  await watch.type('MODIFIED', ({ status }) => status.readyReplicas === 1);
  await api.patch(`${path}/rc-test`, 'strategic', { metadata: { labels: { patched: 'yes' } } });
  await watch.type('MODIFIED', ({ metadata }) => metadata.labels.patched === 'yes');
  await api.patch(`${path}/rc-test/status`, 'strategic', { status: { readyReplicas: 0, availableReplicas: 0 } });
  await watch.type('MODIFIED', ({ status }) => (status.readyReplicas ?? 0) === 0);
  await watch.type('MODIFIED', ({ status }) => status.readyReplicas === 1);
  expect((await api.get(`${path}/rc-test/status`)).status.readyReplicas).toBe(1);
  const scale = await api.patch(`${path}/rc-test/scale`, 'strategic', { spec: { replicas: 2 } });
  expect(scale.spec.replicas).toBe(2);
  await watch.type('MODIFIED', ({ status }) => status.readyReplicas === 2);
  await api.update(`${path}/rc-test`, (current) => (current.metadata.labels.updated = 'yes'));
  expect((await api.get(`/api/v1/replicationcontrollers?labelSelector=told%3D${label}`)).items).toHaveLength(1);
  await api.delete(`${path}?labelSelector=told%3D${label}`);
  await watch.type('DELETED');
});

story('replica sets are replaced, patched and deleted as a collection', async ({ api, in: within }) => {
  const path = `${within('apps/v1')}/replicasets`;
  await api.create(path, replicaSetOf('rs', 1));
  await available(api, `${path}/rs`, 1);
  await api.update(`${path}/rs/scale`, (scale) => (scale.spec.replicas = 3));
  await available(api, `${path}/rs`, 3);
  await api.patch(`${path}/rs`, 'strategic', {
    metadata: { labels: { 'test-rs': 'patched' } },
    spec: {
      replicas: 2,
      template: { spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'other' }] } },
    },
  });
  await available(api, `${path}/rs`, 2);
  expect((await api.get(`${path}/rs`)).spec.template.spec.containers).toHaveLength(1);
  await api.delete(`${path}?labelSelector=test-rs%3Dpatched`);
  await eventually(async () => expect((await api.get(path)).items).toEqual([]));
});

story('a controller revision goes through its life', async ({ api, in: within }) => {
  const apps = within('apps/v1');
  await api.create(`${apps}/daemonsets`, {
    metadata: { name: 'ds', labels: { app: 'ds' } },
    spec: { selector: { matchLabels: { app: 'ds' } }, template: template('ds', 'sleep 1000') },
  });
  const revisions = `${apps}/controllerrevisions`;
  const [first] = await eventually(async () => {
    const { items } = await api.get(`${revisions}?labelSelector=app%3Dds`);
    expect(items).toHaveLength(1);
    return items;
  });
  await api.patch(`${revisions}/${first.metadata.name}`, 'merge', { metadata: { labels: { patched: 'yes' } } });
  const created = await api.create(revisions, {
    metadata: { name: 'extra', labels: { app: 'ds' }, ownerReferences: first.metadata.ownerReferences },
    data: first.data,
    revision: first.revision + 1,
  });
  expect(created.revision).toBe(2);
  await api.delete(`${revisions}/${first.metadata.name}`);
  await eventually(async () =>
    expect((await api.get(`${revisions}?labelSelector=app%3Dds`)).items.length).toBeGreaterThanOrEqual(1),
  );
  await api.update(`${revisions}/extra`, (object) => (object.metadata.labels.updated = 'yes'));
  await api.patch(`${apps}/daemonsets/ds`, 'strategic', {
    spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } },
  });
  await eventually(async () =>
    expect((await api.get(`${revisions}?labelSelector=app%3Dds`)).items.length).toBeGreaterThanOrEqual(2),
  );
  await api.delete(`${revisions}?labelSelector=updated%3Dyes`);
  await eventually(async () => expect((await api.send('GET', `${revisions}/extra`)).code).toBe(404));
});
