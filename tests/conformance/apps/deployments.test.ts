import { expect } from 'vitest';
import { eventually, refusal, story } from '../story.ts';
import type { Json } from '../api.ts';
import { available, deploymentOf, replicaSetOf } from './workloads.ts';

/** A replica set with this template is an old one of the deployment that adopts it. */
const OTHER_IMAGE = { spec: { template: { spec: { containers: [{ name: 'main', image: 'httpd' }] } } } };

story('a deployment goes through its life', async ({ api, in: within, unique, after }) => {
  const label = unique('d');
  const path = `${within('apps/v1')}/deployments`;
  const watch = api.watch(`${path}?labelSelector=told%3D${label}`);
  after(() => watch.close());
  const deployment = deploymentOf('test', 2);
  await api.create(path, { ...deployment, metadata: { ...deployment.metadata, labels: { told: label } } });
  await watch.type('ADDED');
  await watch.type('MODIFIED', ({ status }) => status.readyReplicas === 2);
  await api.patch(`${path}/test`, 'strategic', {
    metadata: { labels: { patched: 'yes' } },
    spec: {
      replicas: 1,
      template: { spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'other' }] } },
    },
  });
  await watch.type(
    'MODIFIED',
    ({ status, metadata }) => status.readyReplicas === 1 && metadata.labels.patched === 'yes',
  );
  expect((await api.get(`/apis/apps/v1/deployments?labelSelector=told%3D${label}`)).items).toHaveLength(1);
  await api.update(`${path}/test`, (object) => {
    object.metadata.labels.updated = 'yes';
    object.spec.replicas = 2;
  });
  await watch.type('MODIFIED', ({ status }) => status.readyReplicas === 2);
  const patched = await api.patch(`${path}/test/status`, 'strategic', {
    metadata: { annotations: { patchedstatus: 'yes' } },
    status: { readyReplicas: 0, availableReplicas: 0 },
  });
  expect(patched.metadata.annotations.patchedstatus).toBe('yes');
  await watch.type('MODIFIED', ({ status }) => (status.readyReplicas ?? 0) === 0);
  await watch.type('MODIFIED', ({ status }) => status.readyReplicas === 2);
  await api.delete(`${path}?labelSelector=told%3D${label}`);
  await watch.type('DELETED');
});

story(
  'a rolling update deletes old pods and creates new ones, adopting what runs already',
  async ({ api, in: within }) => {
    const apps = within('apps/v1');
    await api.create(`${apps}/replicasets`, replicaSetOf('controller', 1, 'httpd'));
    await available(api, `${apps}/replicasets/controller`, 1);
    await api.patch(`${apps}/replicasets/controller`, 'strategic', OTHER_IMAGE);
    await api.create(
      `${apps}/deployments`,
      deploymentOf('rolling', 1, 'httpd', {
        metadata: { annotations: { 'deployment.kubernetes.io/revision': '3546343826724305832' } },
      }),
    );
    await eventually(async () => {
      const { items } = await api.get(`${apps}/replicasets`);
      expect(items.map((item: Json) => item.spec.replicas).toSorted()).toEqual([0, 1]);
      const old = items.find((item: Json) => item.metadata.name === 'controller');
      expect(old.metadata.ownerReferences[0].name).toBe('rolling');
      expect(old.spec.replicas).toBe(0);
    });
  },
);

story('Recreate never runs old and new pods together', async ({ api, in: within, after }) => {
  const apps = within('apps/v1');
  await api.create(
    `${apps}/deployments`,
    deploymentOf('recreate', 1, 'recreate', { spec: { strategy: { type: 'Recreate' } } }),
  );
  await available(api, `${apps}/deployments/recreate`, 1);
  const watch = api.watch(`${within()}/pods`);
  after(() => watch.close());
  const first = await watch.type('ADDED');
  await api.patch(`${apps}/deployments/recreate`, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'httpd' }] } } },
  });
  await watch.type('DELETED', ({ metadata }) => metadata.name === first.metadata.name);
  await watch.type('ADDED');
  expect(watch.events.filter(({ type }) => type === 'ADDED')).toHaveLength(2);
});

story('old replica sets beyond the history limit are deleted', async ({ api, in: within }) => {
  const apps = within('apps/v1');
  await api.create(`${apps}/replicasets`, replicaSetOf('cleanup', 1, 'cleanup'));
  await available(api, `${apps}/replicasets/cleanup`, 1);
  await api.patch(`${apps}/replicasets/cleanup`, 'strategic', OTHER_IMAGE);
  await api.create(`${apps}/deployments`, deploymentOf('cleanup', 1, 'cleanup', { spec: { revisionHistoryLimit: 0 } }));
  await eventually(async () =>
    expect((await api.get(`${apps}/replicasets`)).items.map((item: Json) => item.metadata.name)).not.toContain(
      'cleanup',
    ),
  );
});

story('a rollout that is stuck is rolled over', async ({ api, in: within }) => {
  const apps = within('apps/v1');
  await api.create(`${apps}/replicasets`, replicaSetOf('rollover', 1, 'rollover'));
  await available(api, `${apps}/replicasets/rollover`, 1);
  const stuck = deploymentOf('rollover', 1, 'rollover', {
    spec: {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      minReadySeconds: 1,
    },
  });
  stuck.spec.template.spec.containers[0].image = 'registry.invalid/nonexistent';
  await api.create(`${apps}/deployments`, stuck);
  await eventually(async () => expect((await api.get(`${apps}/deployments/rollover`)).status.updatedReplicas).toBe(1));
  await api.patch(`${apps}/deployments/rollover`, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'httpd' }] } } },
  });
  await eventually(async () => {
    const { status } = await api.get(`${apps}/deployments/rollover`);
    expect(status).toMatchObject({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 });
    const sizes = (await api.get(`${apps}/replicasets`)).items.map((item: Json) => item.spec.replicas);
    expect(sizes.toSorted()).toEqual([0, 0, 1]);
  });
});

story('a deployment in the middle of a rollout is scaled in proportion', async ({ api, in: within }) => {
  const apps = within('apps/v1');
  const path = `${apps}/deployments/p`;
  await api.create(
    `${apps}/deployments`,
    deploymentOf('p', 10, 'p', {
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } },
    }),
  );
  await available(api, path, 10);
  await api.patch(path, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'registry.invalid/404' }] } } },
  });
  const sizes = async (...expected: number[]): Promise<void> =>
    eventually(async () => {
      const { items } = await api.get(`${apps}/replicasets`);
      expect(items.map((item: Json) => item.spec.replicas).toSorted((a: number, b: number) => b - a)).toEqual(expected);
    });
  await sizes(8, 5);
  await api.patch(path, 'merge', { spec: { replicas: 30 } });
  await sizes(20, 13);
});

for (const [resource, make] of [
  ['deployments', deploymentOf],
  ['replicasets', replicaSetOf],
] as const) {
  story(`the scale of ${resource} is read, updated and patched`, async ({ api, in: within }) => {
    const path = `${within('apps/v1')}/${resource}`;
    await api.create(path, make('scaled', 1));
    await available(api, `${path}/scaled`, 1);
    const scale = await api.get(`${path}/scaled/scale`);
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 } });
    expect(scale.status.selector).toBe('app=scaled');
    const updated = await api.update(`${path}/scaled/scale`, (object) => (object.spec.replicas = 2));
    expect(updated.spec.replicas).toBe(2);
    expect((await api.get(`${path}/scaled`)).spec.replicas).toBe(2);
    const patched = await api.patch(`${path}/scaled/scale`, 'strategic', { spec: { replicas: 4 } });
    expect(patched.spec.replicas).toBe(4);
    expect((await refusal(api.patch(`${path}/scaled/scale`, 'merge', { spec: { replicas: -1 } }))).code).toBe(422);
  });

  story(`the status of ${resource} is read, updated and patched`, async ({ api, in: within, after }) => {
    const path = `${within('apps/v1')}/${resource}`;
    await api.create(path, make('judged', 1));
    await available(api, `${path}/judged`, 1);
    const watch = api.watch(`${path}?fieldSelector=metadata.name%3Djudged`);
    after(() => watch.close());
    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
    const updated = await api.update(
      `${path}/judged`,
      (object) => (object.status.conditions = [...(object.status.conditions ?? []), condition]),
      '/status',
    );
    expect(updated.status.conditions).toContainEqual(expect.objectContaining(condition));
    await watch.next(({ object }) => object.status.conditions?.some(({ type }: Json) => type === 'StatusUpdate'));
    await api.patch(`${path}/judged/status`, 'merge', {
      status: { conditions: [{ type: 'StatusPatched', status: 'True' }] },
    });
    await watch.next(({ object }) => object.status.conditions?.some(({ type }: Json) => type === 'StatusPatched'));
  });
}
