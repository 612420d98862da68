import { expect } from 'vitest';
import { eventually, refusal, story } from '../story.ts';
import type { Api, Json } from '../api.ts';
import { pod } from '../apps/workloads.ts';

/** Those with a kubelet; another story may have made one without. */
async function realNodes(api: Api): Promise<Json[]> {
  return (await api.get('/api/v1/nodes')).items.filter((node: Json) => node.status.addresses?.length > 0);
}

story('a node goes through its life', async ({ api, unique, after }) => {
  const name = unique('fake-node');
  const path = `/api/v1/nodes/${name}`;
  after(() => api.send('DELETE', path));
  await api.create('/api/v1/nodes', {
    metadata: { name, labels: { told: name } },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', reason: 'e2e' }] },
  });
  expect((await api.get(path)).metadata.name).toBe(name);
  await api.patch(path, 'strategic', { metadata: { labels: { patched: 'yes' } } });
  await api.update(path, (object) => (object.metadata.labels.updated = 'yes'));
  expect((await api.get(`/api/v1/nodes?labelSelector=updated%3Dyes,told%3D${name}`)).items).toHaveLength(1);
  await api.patch(`${path}/status`, 'strategic', {
    metadata: { annotations: { patchedstatus: 'yes' } },
    status: { conditions: [{ type: 'Story', status: 'True', reason: 'E2E' }] },
  });
  const { status } = await api.get(path);
  expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Story', reason: 'E2E' }));
  await api.delete(`/api/v1/nodes?labelSelector=told%3D${name}`);
  await eventually(async () => expect((await api.send('GET', path)).code).toBe(404));
});

story('there are at least two nodes without taints', async ({ api }) => {
  const { items } = await api.get('/api/v1/nodes');
  const free = items.filter(
    (node: Json) => !(node.spec.taints ?? []).some(({ effect }: Json) => effect !== 'PreferNoSchedule'),
  );
  expect(free.length).toBeGreaterThanOrEqual(2);
});

story('logs of a node are read through its proxy', async ({ api }) => {
  const [node] = await realNodes(api);
  expect((await api.send('GET', `/api/v1/nodes/${node.metadata.name}/proxy/healthz`)).text).toBe('ok');
  expect((await api.get(`/api/v1/nodes/${node.metadata.name}/proxy/stats/summary`)).node.nodeName).toBe(
    node.metadata.name,
  );
});

story('a pod with a selector goes to the node that has the label, and no other', async (told) => {
  const { api } = told;
  const label = told.unique('node');
  const [node] = await realNodes(api);
  const set = (value: string | null): Promise<Json> =>
    api.patch(`/api/v1/nodes/${node.metadata.name}`, 'merge', { metadata: { labels: { [label]: value } } });
  await api.create(`${told.in()}/pods`, pod('waits', 'sleep 1000', { nodeSelector: { [label]: '42' } }));
  await eventually(async () => {
    const { status } = await api.get(`${told.in()}/pods/waits`);
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }),
    );
  });
  told.after(() => set(null));
  await set('42');
  await eventually(async () =>
    expect((await api.get(`${told.in()}/pods/waits`)).spec.nodeName).toBe(node.metadata.name),
  );
});

story('pods share a host port only when protocol or address differ', async (told) => {
  const { api } = told;
  const [, node] = await realNodes(api);
  const make = (name: string, hostIP: string | undefined, protocol: string): Json =>
    pod(name, '', {
      nodeSelector: { 'kubernetes.io/hostname': node.metadata.labels['kubernetes.io/hostname'] },
      containers: [{ name: 'c', image: 'pause', ports: [{ hostPort: 54321, containerPort: 8080, protocol, hostIP }] }],
    });
  await api.create(`${told.in()}/pods`, make('pod1', '127.0.0.1', 'TCP'));
  await api.create(
    `${told.in()}/pods`,
    make(
      'pod2',
      node.status.addresses[0].address === '127.0.0.1' ? '127.0.0.2' : node.status.addresses[0].address,
      'TCP',
    ),
  );
  await api.create(`${told.in()}/pods`, make('pod3', '127.0.0.1', 'UDP'));
  for (const name of ['pod1', 'pod2', 'pod3'])
    await eventually(async () => expect((await api.get(`${told.in()}/pods/${name}`)).status.phase).toBe('Running'));
  await api.create(`${told.in()}/pods`, make('pod4', '0.0.0.0', 'TCP'));
  await eventually(async () => {
    const { status } = await api.get(`${told.in()}/pods/pod4`);
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'PodScheduled', status: 'False' }));
  });
});

story('limit ranges give pods their defaults and bounds', async ({ api, in: within, unique }) => {
  const path = `${within()}/limitranges`;
  const label = unique('lr');
  await api.create(path, {
    metadata: { name: 'limit-range', labels: { told: label } },
    spec: {
      limits: [
        {
          type: 'Container',
          min: { cpu: '50m', memory: '100Mi' },
          max: { cpu: '500m', memory: '500Mi' },
          default: { cpu: '500m', memory: '500Mi' },
          defaultRequest: { cpu: '100m', memory: '200Mi' },
        },
      ],
    },
  });
  const create = (name: string, resources: Json): Promise<Json> =>
    api.create(`${within()}/pods`, pod(name, '', { containers: [{ name: 'c', image: 'pause', resources }] }));
  const plain = await eventually(async () => {
    const created = await create(unique('pod'), {});
    expect(created.spec.containers[0].resources.limits).toBeTruthy();
    return created;
  });
  expect(plain.spec.containers[0].resources).toEqual({
    limits: { cpu: '500m', memory: '500Mi' },
    requests: { cpu: '100m', memory: '200Mi' },
  });
  expect((await refusal(create('little', { requests: { cpu: '10m', memory: '50Mi' } }))).code).toBe(403);
  expect([403, 422]).toContain(
    (await refusal(create('much', { requests: { cpu: '600m', memory: '600Mi' }, limits: { cpu: '600m' } }))).code,
  );
  await api.patch(`${path}/limit-range`, 'strategic', { metadata: { labels: { patched: 'yes' } } });
  expect((await api.get(`/api/v1/limitranges?labelSelector=told%3D${label}`)).items).toHaveLength(1);
  await api.delete(`${path}?labelSelector=told%3D${label}`);
  expect((await api.get(path)).items).toEqual([]);
});
