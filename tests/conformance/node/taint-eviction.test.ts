import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { pod, replicaSetOf } from '../apps/workloads.ts';

/** A node without a kubelet, so that nothing but the controllers touches it or its pods. Only for pods that name it. */
async function silentNode({ api, unique, after }: Story): Promise<string> {
  const name = unique('silent');
  await api.create('/api/v1/nodes', { metadata: { name }, spec: { unschedulable: true } });
  after(() => api.send('DELETE', `/api/v1/nodes/${name}`));
  await report(api, name, 'True');
  return name;
}

/** As its kubelet would. */
const report = (api: Story['api'], node: string, ready: string): Promise<Json> =>
  api.patch(`/api/v1/nodes/${node}/status`, 'strategic', {
    status: {
      conditions: [{ type: 'Ready', status: ready, reason: 'Told', lastHeartbeatTime: new Date().toISOString() }],
    },
  });

async function podOn(told: Story, nodeName: string, name: string, spec: Json = {}, labels: Json = {}): Promise<string> {
  const path = `${told.in()}/pods/${name}`;
  await told.api.create(`${told.in()}/pods`, {
    metadata: { name, labels },
    spec: { ...pod(name, 'sleep 1000').spec, terminationGracePeriodSeconds: 30, nodeName, ...spec },
  });
  told.after(() => told.api.send('DELETE', `${path}?gracePeriodSeconds=0`));
  return path;
}

const isGoing = async ({ api }: Story, path: string): Promise<boolean> => {
  const answer = await api.send('GET', path);
  return answer.code === 404 || answer.body.metadata.deletionTimestamp !== undefined;
};

const MINE = { key: 'story/evict', value: 'yes', effect: 'NoExecute' };
const tolerates = (tolerationSeconds?: number): Json => ({
  tolerations: [{ ...MINE, operator: 'Equal', ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }) }],
});

story('a NoExecute taint drives away pods that do not tolerate it, and others when their time is up', async (told) => {
  const { api } = told;
  const node = await silentNode(told);
  const [never, soon, always] = await Promise.all([
    podOn(told, node, 'never'),
    podOn(told, node, 'soon', tolerates(2)),
    podOn(told, node, 'always', tolerates()),
  ]);
  await api.update(`/api/v1/nodes/${node}`, ({ spec }) => (spec.taints = [...(spec.taints ?? []), MINE]));
  await eventually(async () => expect(await isGoing(told, never)).toBe(true));
  expect(await isGoing(told, soon)).toBe(false);
  await eventually(async () => expect(await isGoing(told, soon)).toBe(true));
  expect(await isGoing(told, always)).toBe(false);
  const { status } = await api.get(never);
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }),
  );
});

story('taking the taint away again lets pods stay whose time is not up', async (told) => {
  const { api } = told;
  const node = await silentNode(told);
  const waiting = await podOn(told, node, 'waiting', tolerates(4));
  const path = `/api/v1/nodes/${node}`;
  await api.update(path, ({ spec }) => (spec.taints = [...(spec.taints ?? []), MINE]));
  await api.update(path, ({ spec }) => (spec.taints = spec.taints.filter(({ key }: Json) => key !== MINE.key)));
  // A pod that comes later and tolerates the taint for a shorter time shows that the time is up.
  const other = await silentNode(told);
  const witness = await podOn(told, other, 'witness', tolerates(5));
  await api.update(`/api/v1/nodes/${other}`, ({ spec }) => (spec.taints = [...(spec.taints ?? []), MINE]));
  await eventually(async () => expect(await isGoing(told, witness)).toBe(true));
  expect(await isGoing(told, waiting)).toBe(false);
});

story('a node that fails loses its pods, which are replaced elsewhere', async (told) => {
  const { api } = told;
  const node = await silentNode(told);
  const tolerations = ['not-ready', 'unreachable'].map((key) => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 1,
  }));
  const lost = await podOn(told, node, 'lost', { tolerations, restartPolicy: 'Always' }, { app: 'web' });
  await api.create(`${told.in('apps/v1')}/replicasets`, replicaSetOf('web', 1, 'web'));
  await eventually(async () => expect((await api.get(lost)).metadata.ownerReferences).toHaveLength(1));

  await report(api, node, 'False');
  await eventually(async () => {
    const { spec } = await api.get(`/api/v1/nodes/${node}`);
    const keys = spec.taints.map(({ key, effect }: Json) => `${key}:${effect}`);
    expect(keys).toEqual(
      expect.arrayContaining(['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute']),
    );
  });
  await eventually(async () => {
    const { items } = await api.get(`${told.in()}/pods?labelSelector=app%3Dweb`);
    expect(items.filter(({ spec, status }: Json) => spec.nodeName !== node && status.phase === 'Running')).toHaveLength(
      1,
    );
  });
  await report(api, node, 'True');
  await eventually(async () => {
    const { spec } = await api.get(`/api/v1/nodes/${node}`);
    expect(spec.taints.map(({ key }: Json) => key)).toEqual(['node.kubernetes.io/unschedulable']);
  });
});
