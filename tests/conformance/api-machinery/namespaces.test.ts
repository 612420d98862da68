import { expect } from 'vitest';
import { defaultServiceAccount, eventually, story, type Story } from '../story.ts';
import { pod } from '../apps/workloads.ts';

async function namespace({ api, unique, after }: Story): Promise<string> {
  const name = unique('nested');
  await api.create('/api/v1/namespaces', { metadata: { name } });
  after(() => api.send('DELETE', `/api/v1/namespaces/${name}`));
  await defaultServiceAccount(api, name);
  return name;
}

async function gone(told: Story, name: string): Promise<void> {
  await eventually(
    async () => expect((await told.api.send('GET', `/api/v1/namespaces/${name}`)).code).toBe(404),
    60_000,
  );
}

story('all pods of a deleted namespace are removed', async (told) => {
  const name = await namespace(told);
  await told.api.create(`/api/v1/namespaces/${name}/pods`, pod('test-pod', 'sleep 1000'));
  await eventually(async () =>
    expect((await told.api.get(`/api/v1/namespaces/${name}/pods/test-pod`)).status.phase).toBe('Running'),
  );
  await told.api.delete(`/api/v1/namespaces/${name}`);
  await gone(told, name);
  await told.api.create('/api/v1/namespaces', { metadata: { name } });
  expect((await told.api.send('GET', `/api/v1/namespaces/${name}/pods/test-pod`)).code).toBe(404);
});

story('all services of a deleted namespace are removed', async (told) => {
  const name = await namespace(told);
  await told.api.create(`/api/v1/namespaces/${name}/services`, {
    metadata: { name: 'test-service' },
    spec: { selector: { foo: 'bar' }, ports: [{ port: 80, targetPort: 80 }] },
  });
  await told.api.delete(`/api/v1/namespaces/${name}`);
  await gone(told, name);
  await told.api.create('/api/v1/namespaces', { metadata: { name } });
  expect((await told.api.send('GET', `/api/v1/namespaces/${name}/services/test-service`)).code).toBe(404);
});

story('pods of a namespace go before what they may still need', async (told) => {
  const { api } = told;
  const name = await namespace(told);
  const within = `/api/v1/namespaces/${name}`;
  await api.create(`${within}/configmaps`, { metadata: { name: 'needed' }, data: {} });
  const held = pod('held', 'sleep 1000');
  await api.create(`${within}/pods`, {
    ...held,
    metadata: { ...held.metadata, finalizers: ['e2e.example.com/finalizer'] },
  });
  await eventually(async () => expect((await api.get(`${within}/pods/held`)).status.phase).toBe('Running'));
  await api.delete(within);
  await eventually(async () => {
    const { status } = await api.get(within);
    expect(
      status.conditions?.find(({ type }: { type: string }) => type === 'NamespaceDeletionContentFailure'),
    ).toMatchObject({ status: 'False' });
    expect(status.conditions.find(({ type }: { type: string }) => type === 'NamespaceContentRemaining')).toMatchObject({
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: 'Some resources are remaining: pods. has 1 resource instances',
    });
    expect(
      status.conditions.find(({ type }: { type: string }) => type === 'NamespaceFinalizersRemaining'),
    ).toMatchObject({ status: 'True' });
  });
  expect((await api.get(`${within}/configmaps/needed`)).metadata.deletionTimestamp).toBeUndefined();
  await api.update(`${within}/pods/held`, (object) => (object.metadata.finalizers = []));
  await gone(told, name);
});

story('a namespace is patched', async (told) => {
  const name = await namespace(told);
  const patched = await told.api.patch(`/api/v1/namespaces/${name}`, 'strategic', {
    metadata: { labels: { testLabel: 'testValue' } },
  });
  expect(patched.metadata.labels.testLabel).toBe('testValue');
  expect(patched.metadata.labels['kubernetes.io/metadata.name']).toBe(name);
});

story('the status of a namespace is read, patched and replaced', async ({ api, ns }) => {
  const path = `/api/v1/namespaces/${ns}`;
  expect((await api.get(`${path}/status`)).status.phase).toBe('Active');
  const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by an e2e test' };
  const patched = await api.patch(`${path}/status`, 'merge', {
    metadata: { annotations: { 'e2e-patched': ns } },
    status: { conditions: [condition] },
  });
  expect(patched.metadata.annotations['e2e-patched']).toBe(ns);
  expect(patched.status.conditions.at(-1)).toMatchObject(condition);
  const updated = await api.update(
    path,
    (object) => object.status.conditions.push({ ...condition, type: 'StatusUpdate' }),
    '/status',
  );
  expect(updated.status.conditions.at(-1)).toMatchObject({ type: 'StatusUpdate' });
});

story('a namespace is updated', async ({ api, ns }) => {
  const updated = await api.update(`/api/v1/namespaces/${ns}`, (object) => (object.metadata.labels[ns] = 'updated'));
  expect(updated.metadata.labels[ns]).toBe('updated');
});

story('finalizers of a namespace change through its finalize subresource', async (told) => {
  const path = `/api/v1/namespaces/${await namespace(told)}`;
  const fake = 'e2e.example.com/fakeFinalizer';
  const added = await told.api.update(path, (object) => object.spec.finalizers.push(fake), '/finalize');
  expect(added.spec.finalizers).toEqual(['kubernetes', fake]);
  const removed = await told.api.update(path, (object) => (object.spec.finalizers = ['kubernetes']), '/finalize');
  expect(removed.spec.finalizers).toEqual(['kubernetes']);
});
