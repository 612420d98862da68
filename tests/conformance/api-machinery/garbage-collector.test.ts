import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import { template } from '../apps/workloads.ts';
import type { Json } from '../api.ts';

const controller = (name: string, replicas: number): Json => ({
  metadata: { name },
  spec: { replicas, selector: { app: name }, template: template(name, 'sleep 1000') },
});

const deployment = (name: string): Json => ({
  metadata: { name },
  spec: { replicas: 2, selector: { matchLabels: { app: name } }, template: template(name, 'sleep 1000') },
});

const options = (propagationPolicy: string): Json => ({ kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy });

async function pods({ api, in: within }: Story, count: number): Promise<Json[]> {
  return eventually(async () => {
    const { items } = await api.get(`${within()}/pods`);
    expect(items).toHaveLength(count);
    return items;
  });
}

story('pods of a replication controller go with it', async (told) => {
  const path = `${told.in()}/replicationcontrollers`;
  await told.api.create(path, controller('simpletest', 2));
  await pods(told, 2);
  await told.api.delete(`${path}/simpletest`, options('Background'));
  await pods(told, 0);
});

story('pods of a replication controller stay when it is deleted with Orphan', async (told) => {
  const path = `${told.in()}/replicationcontrollers`;
  await told.api.create(path, controller('orphans', 10));
  await eventually(async () => expect((await told.api.get(`${path}/orphans`)).status.replicas).toBe(10));
  await told.api.delete(`${path}/orphans`, options('Orphan'));
  await eventually(async () => expect((await told.api.send('GET', `${path}/orphans`)).code).toBe(404));
  for (const { metadata } of await pods(told, 10)) {
    expect(metadata.ownerReferences).toBeUndefined();
    expect(metadata.deletionTimestamp).toBeUndefined();
  }
});

for (const [policy, left] of [
  ['Background', 0],
  ['Orphan', 1],
] as const) {
  story(
    `replica sets of a deployment deleted with ${policy} ${left === 0 ? 'go with it' : 'stay'}`,
    async ({ api, in: within }) => {
      const apps = within('apps/v1');
      await api.create(`${apps}/deployments`, deployment('d'));
      await eventually(async () => expect((await api.get(`${apps}/replicasets`)).items).toHaveLength(1));
      await api.delete(`${apps}/deployments/d`, options(policy));
      await eventually(async () => {
        expect((await api.send('GET', `${apps}/deployments/d`)).code).toBe(404);
        const { items } = await api.get(`${apps}/replicasets`);
        expect(items).toHaveLength(left);
        for (const { metadata } of items) expect(metadata.ownerReferences).toBeUndefined();
      });
    },
  );
}

story('a replication controller deleted in the foreground stays until its pods are gone', async (told) => {
  const { api } = told;
  const path = `${told.in()}/replicationcontrollers`;
  await api.create(path, controller('kept', 4));
  const [first] = await pods(told, 4);
  await api.patch(`${told.in()}/pods/${first.metadata.name}`, 'merge', {
    metadata: { finalizers: ['example.com/hold'] },
  });
  await api.delete(`${path}/kept`, options('Foreground'));
  await pods(told, 1);
  const waiting = await api.get(`${path}/kept`);
  expect(waiting.metadata.finalizers).toEqual(['foregroundDeletion']);
  expect(waiting.metadata.deletionTimestamp).toBeTruthy();
  await api.patch(`${told.in()}/pods/${first.metadata.name}`, 'merge', { metadata: { finalizers: null } });
  await eventually(async () => expect((await api.send('GET', `${path}/kept`)).code).toBe(404));
});

story('a dependent with a second, valid owner survives an owner that waits for its dependents', async (told) => {
  const { api } = told;
  const path = `${told.in()}/replicationcontrollers`;
  await api.create(path, controller('to-be-deleted', 6));
  const stays = await api.create(path, {
    ...controller('to-stay', 0),
    spec: { ...controller('to-stay', 0).spec, selector: { app: 'stay' }, template: template('stay', 'sleep 1000') },
  });
  const all = await pods(told, 6);
  for (const { metadata } of all.slice(0, 3))
    await api.patch(`${told.in()}/pods/${metadata.name}`, 'strategic', {
      metadata: {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ReplicationController', name: 'to-stay', uid: stays.metadata.uid },
        ],
      },
    });
  await api.delete(`${path}/to-be-deleted`, options('Foreground'));
  await eventually(async () => expect((await api.send('GET', `${path}/to-be-deleted`)).code).toBe(404));
  for (const { metadata } of await pods(told, 3)) {
    expect(metadata.deletionTimestamp).toBeUndefined();
    expect(metadata.ownerReferences.map((owner: Json) => owner.name)).toEqual(['to-stay']);
  }
});

story('a circle of dependents does not stop the collector', async (told) => {
  const { api } = told;
  const path = `${told.in()}/pods`;
  const names = ['pod1', 'pod2', 'pod3'];
  const created: Json[] = [];
  for (const name of names)
    created.push(await api.create(path, { metadata: { name }, spec: template(name, 'sleep 1000').spec }));
  for (const [i, name] of names.entries()) {
    const owner = created[(i + 2) % 3];
    await api.patch(`${path}/${name}`, 'strategic', {
      metadata: {
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            name: owner.metadata.name,
            uid: owner.metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
    });
  }
  await api.delete(`${path}/pod1`, options('Foreground'));
  await pods(told, 0);
});

story('an owner in another namespace is none, which an event tells', async ({ api, ns, in: within }) => {
  const owner = await api.create(`${within()}/configmaps`, { metadata: { name: 'owner' } });
  const elsewhere = await api.create('/api/v1/namespaces', { metadata: { generateName: 'conformance-' } });
  const there = `/api/v1/namespaces/${elsewhere.metadata.name}`;
  try {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }];
    await api.create(`${there}/configmaps`, { metadata: { name: 'stray', ownerReferences } });
    await eventually(async () => {
      expect((await api.send('GET', `${there}/configmaps/stray`)).code).toBe(404);
    });
    // A wrong reference must not condemn those who name the same owner rightly.
    await api.create(`${within()}/configmaps`, { metadata: { name: 'child', ownerReferences } });
    // A cluster-scoped object cannot have a namespaced owner: it is left alone, and said to be wrong.
    const role = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${ns}`;
    await api.create('/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: ns, ownerReferences } });
    try {
      await eventually(async () => {
        const { items } = await api.get('/api/v1/namespaces/default/events');
        expect(items).toContainEqual(
          expect.objectContaining({
            reason: 'OwnerRefInvalidNamespace',
            involvedObject: expect.objectContaining({ kind: 'ClusterRole', name: ns }),
          }),
        );
      });
      expect((await api.get(role)).metadata.deletionTimestamp).toBeUndefined();
      expect((await api.get(`${within()}/configmaps/child`)).metadata.deletionTimestamp).toBeUndefined();
    } finally {
      await api.delete(role);
    }
  } finally {
    await api.delete(there);
  }
});
