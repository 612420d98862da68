import { describe, expect, test } from 'vitest';
import { nodeEvents } from './event-handlers.ts';
import { FakeCluster } from './testing/fake-cluster.ts';
import { node, pod } from './testing/objects.ts';

describe('a change of a node', () => {
  const labels = (before: Parameters<typeof nodeEvents>[0], after: Parameters<typeof nodeEvents>[1]) =>
    nodeEvents(before, after).map(({ label }) => label);
  const ready = (status: string, lastHeartbeatTime: string) => {
    const base = node('a');
    return { ...base, status: { ...base.status, conditions: [{ type: 'Ready', status, lastHeartbeatTime }] } };
  };

  test('that is only a heartbeat is no event', () => {
    expect(labels(ready('True', '2030-01-01T00:00:00Z'), ready('True', '2030-01-01T00:00:10Z'))).toEqual([]);
  });

  test.each([
    ['NodeAllocatableChange', node('a', { cpu: '8' })],
    ['NodeLabelChange', node('a', { labels: { x: 'y' } })],
    ['NodeTaintChange', node('a', { taints: [{ key: 'k', effect: 'NoSchedule' }] })],
    ['NodeTaintChange', node('a', { unschedulable: true })],
    ['NodeConditionChange', ready('True', '2030-01-01T00:00:00Z')],
  ])('is the event %s', (label, after) => expect(labels(node('a'), after)).toEqual([label]));
});

test('uncordoning a node brings back the pods it had refused, and not others', async () => {
  const cluster = new FakeCluster().apply(
    node('a', { cpu: '1', unschedulable: true }),
    pod('p'),
    pod('big', { requests: { cpu: '2' } }),
  );
  await cluster.settle();
  cluster.events.length = 0;
  cluster.apply(node('a', { cpu: '1' }));
  await cluster.settle();
  expect(cluster.nodeOf('p')).toBe('a');
  expect(cluster.messages('big')).toHaveLength(1);
  cluster.apply(node('a', { cpu: '1', labels: { x: 'y' } }));
  await cluster.settle();
  expect(cluster.messages('big')).toHaveLength(1);
});

test('a pod that another scheduler bound is left alone', async () => {
  const cluster = new FakeCluster().apply(node('a', { cpu: '1' }), pod('p', { requests: { cpu: '1' } }));
  cluster.apply(pod('p', { requests: { cpu: '1' }, on: 'a' }));
  await cluster.settle();
  expect(cluster.events).toEqual([]);
  expect(cluster.built.cache.snapshot.get('a')!.requested.milliCpu).toBe(1000);
});

test('a pod of the same name with another uid is another pod', async () => {
  const cluster = new FakeCluster().apply(node('a'), pod('p', { on: 'a', requests: { cpu: '1' } }));
  cluster.apply(pod('p', { uid: 'second', requests: { cpu: '2' } }));
  await cluster.settle();
  expect(cluster.nodeOf('p')).toBe('a');
  expect(cluster.built.cache.snapshot.get('a')!.requested.milliCpu).toBe(2000);
});
