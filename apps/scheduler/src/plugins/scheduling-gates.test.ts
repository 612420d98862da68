import { expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod } from '../testing/objects.ts';
import { schedulingGates } from './scheduling-gates.ts';

const gated = (...names: string[]) => pod('p', { spec: { schedulingGates: names.map((name) => ({ name })) } });

test('a gated pod is not tried, and tells nobody, until its last gate is gone', async () => {
  const cluster = new FakeCluster().apply(node('a'), gated('x', 'y'));
  await cluster.settle();
  expect(cluster.built.queue.counts()).toMatchObject({ gated: 1, unschedulable: 0 });
  cluster.apply(gated('y'));
  await cluster.settle();
  expect(cluster.events).toEqual([]);
  cluster.apply(pod('p'));
  await cluster.settle();
  expect(cluster.nodeOf('p')).toBe('a');
});

test('the status names the gates', () => {
  const plugin = schedulingGates.build({}, undefined as never);
  expect(plugin.preEnqueue!(gated('x', 'y'))?.message).toBe('waiting for scheduling gates: [x y]');
});
