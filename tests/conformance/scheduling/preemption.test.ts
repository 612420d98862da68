import { expect } from 'vitest';
import { eventually, refusal, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { pod } from '../apps/workloads.ts';

/** What only these stories ask for, so that they preempt nobody else. */
async function resourceOn(
  { api, unique, after }: Story,
  amount: string,
): Promise<{ readonly name: string; readonly node: Json }> {
  const name = `example.com/${unique('fakecpu')}`;
  const node = (await api.get('/api/v1/nodes')).items.find(({ status }: Json) => status.addresses?.length > 0);
  const path = `/api/v1/nodes/${node.metadata.name}/status`;
  const at = name.replace('/', '~1');
  await api.patch(
    path,
    'json',
    ['capacity', 'allocatable'].map((field) => ({ op: 'add', path: `/status/${field}/${at}`, value: amount })),
  );
  after(() =>
    api.send(
      'PATCH',
      path,
      ['capacity', 'allocatable'].map((field) => ({ op: 'remove', path: `/status/${field}/${at}` })),
      { 'content-type': 'application/json-patch+json' },
    ),
  );
  return { name, node };
}

async function priority({ api, unique, after }: Story, value: number): Promise<string> {
  const name = unique('priority');
  after(() => api.send('DELETE', `/apis/scheduling.k8s.io/v1/priorityclasses/${name}`));
  await api.create('/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name }, value });
  return name;
}

const asking = (name: string, resource: string, amount: string, priorityClassName: string): Json => {
  const resources = { requests: { [resource]: amount }, limits: { [resource]: amount } };
  return pod(name, '', { priorityClassName, containers: [{ name: 'c', image: 'pause', resources }] });
};

story('a pod of high priority preempts one of low priority, which says so', async (told) => {
  const { api } = told;
  const { name, node } = await resourceOn(told, '5');
  const [low, middle, high] = [await priority(told, 1), await priority(told, 100), await priority(told, 1000)];
  await api.create(`${told.in()}/pods`, {
    ...asking('low', name, '3', low),
    metadata: { name: 'low', finalizers: ['example.com/test-finalizer'] },
  });
  await api.create(`${told.in()}/pods`, asking('middle', name, '2', middle));
  for (const each of ['low', 'middle'])
    await eventually(async () => expect((await api.get(`${told.in()}/pods/${each}`)).status.phase).toBe('Running'));
  await api.create(`${told.in()}/pods`, asking('high', name, '3', high));
  await eventually(async () => {
    const { metadata, status } = await api.get(`${told.in()}/pods/low`);
    expect(metadata.deletionTimestamp).toBeTruthy();
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }),
    );
  });
  await api.patch(`${told.in()}/pods/low`, 'merge', { metadata: { finalizers: null } });
  await eventually(async () =>
    expect((await api.get(`${told.in()}/pods/high`)).spec.nodeName).toBe(node.metadata.name),
  );
  expect((await api.get(`${told.in()}/pods/middle`)).metadata.deletionTimestamp).toBeUndefined();
});

story('priority classes answer every HTTP method, and keep their value', async (told) => {
  const { api } = told;
  const name = await priority(told, 7);
  const path = `/apis/scheduling.k8s.io/v1/priorityclasses/${name}`;
  expect((await refusal(api.patch(path, 'json', [{ op: 'replace', path: '/value', value: 8 }]))).code).toBe(422);
  expect((await refusal(api.replace(path, { ...(await api.get(path)), value: 8 }))).code).toBe(422);
  await api.patch(path, 'json', [{ op: 'add', path: '/description', value: 'updated' }]);
  expect((await api.get(path)).description).toBe('updated');
  expect(
    (await api.get('/apis/scheduling.k8s.io/v1/priorityclasses')).items.map((item: Json) => item.metadata.name),
  ).toEqual(expect.arrayContaining(['system-cluster-critical', 'system-node-critical', name]));
});
