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

story('a critical pod preempts what is less important', async (told) => {
  const { api } = told;
  const { name, node } = await resourceOn(told, '1');
  await api.create(`${told.in()}/pods`, asking('low', name, '1', await priority(told, 1)));
  await eventually(async () => expect((await api.get(`${told.in()}/pods/low`)).status.phase).toBe('Running'));
  await api.create(`${told.in()}/pods`, asking('critical', name, '1', 'system-cluster-critical'));
  await eventually(async () =>
    expect((await api.get(`${told.in()}/pods/critical`)).spec.nodeName).toBe(node.metadata.name),
  );
  expect((await api.send('GET', `${told.in()}/pods/low`)).code).toBe(404);
});

story(
  'replica sets of four priorities take their places, the highest last and in spite of the others',
  async (told) => {
    const { api } = told;
    const { name } = await resourceOn(told, '10');
    const create = async (index: number, replicas: number, amount: string): Promise<void> => {
      const app = `rs-${index}`;
      const { spec } = asking(app, name, amount, await priority(told, index));
      await api.create(`${told.in('apps/v1')}/replicasets`, {
        metadata: { name: app },
        spec: {
          ...{ replicas, selector: { matchLabels: { app } } },
          template: { metadata: { labels: { app } }, spec: { ...spec, restartPolicy: 'Always' } },
        },
      });
    };
    const running = async (index: number): Promise<number> =>
      (await api.get(`${told.in()}/pods?labelSelector=app%3Drs-${index}`)).items.filter(
        ({ status, metadata }: Json) => status.phase === 'Running' && !metadata.deletionTimestamp,
      ).length;
    // Three sets fill the node; the fourth takes the places of the first, and of one of the second.
    const sets: [number, string][] = [
      [5, '1'],
      [4, '1'],
      [1, '1'],
    ];
    for (const [index, [replicas, amount]] of sets.entries()) await create(index + 1, replicas, amount);
    await eventually(async () => expect([await running(1), await running(2), await running(3)]).toEqual([5, 4, 1]));
    await create(4, 1, '6');
    await eventually(async () =>
      expect([await running(1), await running(2), await running(3), await running(4)]).toEqual([0, 3, 1, 1]),
    );
  },
);

story('a pod that asks for more than any node has waits, and says for what', async (told) => {
  const { api } = told;
  const resources = { requests: { cpu: '100000' } };
  await api.create(`${told.in()}/pods`, pod('big', '', { containers: [{ name: 'c', image: 'pause', resources }] }));
  await eventually(async () => {
    const { status } = await api.get(`${told.in()}/pods/big`);
    const condition = status.conditions.find(({ type }: Json) => type === 'PodScheduled');
    expect(condition).toMatchObject({ status: 'False', reason: 'Unschedulable' });
    expect(condition.message).toMatch(/^0\/\d+ nodes are available: .*Insufficient cpu/);
  });
});
