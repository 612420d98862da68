import { expect } from 'vitest';
import { eventually, story } from '../story.ts';
import type { Json } from '../api.ts';
import { available, deploymentOf, pod } from './workloads.ts';

const POLICY = 'policy/v1';
const budget = (name: string, spec: Json): Json => ({
  metadata: { name },
  spec: { selector: { matchLabels: { foo: 'bar' } }, ...spec },
});
const matching = (name: string): Json => ({ ...pod(name, 'sleep 1000'), metadata: { name, labels: { foo: 'bar' } } });

story('an eviction is blocked until its budget allows it', async ({ api, in: within }) => {
  const budgets = `${within(POLICY)}/poddisruptionbudgets`;
  const evict = (name: string) =>
    api.send('POST', `${within()}/pods/${name}/eviction`, { apiVersion: POLICY, kind: 'Eviction', metadata: { name } });
  for (const name of ['rs-1', 'rs-2', 'rs-3']) await api.create(`${within()}/pods`, matching(name));
  await api.create(budgets, budget('foo', { minAvailable: 3 }));
  await eventually(async () =>
    expect((await api.get(`${budgets}/foo`)).status).toMatchObject({
      currentHealthy: 3,
      desiredHealthy: 3,
      disruptionsAllowed: 0,
      expectedPods: 3,
    }),
  );
  const blocked = await evict('rs-1');
  expect(blocked.code).toBe(429);
  expect(blocked.body.details.causes[0].reason).toBe('DisruptionBudget');
  await api.update(`${budgets}/foo`, ({ spec }) => (spec.minAvailable = 2));
  await eventually(async () => expect((await evict('rs-1')).code).toBe(201));
  await eventually(async () => expect((await api.get(`${budgets}/foo`)).status.currentHealthy).toBe(2));
  expect((await evict('rs-2')).code).toBe(429);
  await api.delete(`${budgets}/foo`);
  await eventually(async () => expect((await evict('rs-2')).code).toBe(201));
});

story('the status of a budget is updated and patched', async ({ api, in: within }) => {
  const path = `${within(POLICY)}/poddisruptionbudgets`;
  await api.create(path, budget('foo', { minAvailable: 1 }));
  await eventually(async () =>
    expect((await api.get(`${path}/foo`)).status).toMatchObject({ observedGeneration: 1, disruptionsAllowed: 0 }),
  );
  const disruptedPods = { pod: '2026-01-01T00:00:00Z' };
  const updated = await api.update(`${path}/foo`, ({ status }) => (status.disruptedPods = disruptedPods), '/status');
  expect(updated.status.disruptedPods).toEqual(disruptedPods);
  const patched = await api.patch(`${path}/foo/status`, 'merge', {
    metadata: { annotations: { x: 'y' } },
    status: { disruptedPods: { other: '2026-01-01T00:00:00Z' } },
  });
  expect(Object.keys(patched.status.disruptedPods)).toContain('other');
});

story('a drain waits for the budget of a deployment, which never has too few pods', async (told) => {
  const { api, in: within } = told;
  const { items: nodes } = await api.get('/api/v1/nodes');
  const node = nodes.find(({ status }: Json) => status.addresses?.length > 0).metadata.name;
  await api.create(`${within('apps/v1')}/deployments`, deploymentOf('web', 4));
  await api.create(`${within(POLICY)}/poddisruptionbudgets`, {
    metadata: { name: 'web' },
    spec: { minAvailable: 3, selector: { matchLabels: { app: 'web' } } },
  });
  await available(api, `${within('apps/v1')}/deployments/web`, 4);
  await eventually(async () =>
    expect((await api.get(`${within(POLICY)}/poddisruptionbudgets/web`)).status.disruptionsAllowed).toBe(1),
  );
  const watch = api.watch(`${within(POLICY)}/poddisruptionbudgets`);
  told.after(() => watch.close());
  told.after(() => told.kubectl(`uncordon ${node}`));
  await told.kubectl(
    `drain ${node} --ignore-daemonsets --delete-emptydir-data --force --pod-selector=app=web --timeout=60s`,
  );
  const { items } = await api.get(`${within()}/pods?labelSelector=app%3Dweb`);
  expect(items.filter(({ spec }: Json) => spec.nodeName === node)).toEqual([]);
  await available(api, `${within('apps/v1')}/deployments/web`, 4);
  const healthy = watch.events.map(({ object }) => object.status.currentHealthy as number);
  expect(Math.min(...healthy)).toBeGreaterThanOrEqual(3);
});

story('a pod that was to be disrupted and was not is forgotten after two minutes', async ({ api, in: within }) => {
  const path = `${within()}/pods/spared`;
  await api.create(`${within()}/pods`, {
    metadata: { name: 'spared' },
    spec: { containers: [{ name: 'main', image: 'nginx' }] },
  });
  await eventually(async () => expect((await api.get(path)).status.phase).toBe('Running'));
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const conditions = [
    { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', lastTransitionTime },
  ];
  await api.patch(`${path}/status`, 'strategic', { status: { conditions } });
  await eventually(async () => {
    const { status } = await api.get(path);
    const target = status.conditions.find(({ type }: Json) => type === 'DisruptionTarget');
    expect(target.status).toBe('False');
    expect(target.reason).toBeUndefined();
  });
});
