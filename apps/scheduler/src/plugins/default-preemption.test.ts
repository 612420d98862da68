import type { PodDisruptionBudget } from '@pilothouse/api';
import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod, type PodShape } from '../testing/objects.ts';

const small = (name: string) => node(name, { cpu: '1' });
const filler = (name: string, on: string, rest: PodShape = {}) => pod(name, { requests: { cpu: '600m' }, on, ...rest });
const vip = (rest: PodShape = {}) => pod('vip', { requests: { cpu: '600m' }, priority: 100, ...rest });

function evicted(cluster: FakeCluster): string[] {
  return cluster.stores.pods
    .list()
    .filter(({ metadata }) => metadata.deletionTimestamp)
    .map(({ metadata }) => metadata.name!);
}

function budget(name: string, app: string, disruptionsAllowed: number): PodDisruptionBudget {
  return {
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  };
}

describe('DefaultPreemption', () => {
  test('evicts a pod of lower priority, waits for it to end, and then takes its place', async () => {
    const cluster = new FakeCluster().apply(small('a'), filler('old', 'a'), vip());
    await cluster.settle();
    expect(evicted(cluster)).toEqual(['old']);
    expect(cluster.pod('old').status?.conditions).toMatchObject([
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: 'default-scheduler: preempting to accommodate a higher priority pod',
      },
    ]);
    expect(cluster.messages('old', 'Preempted')).toEqual(['Preempted by pod uid-vip on node a']);
    expect(cluster.messages('vip')).toEqual(['0/1 nodes are available: 1 Insufficient cpu.']);
    expect(cluster.pod('vip').status?.nominatedNodeName).toBe('a');
    expect(cluster.nodeOf('vip')).toBeUndefined();

    cluster.deletePod('old');
    await cluster.settle();
    expect(cluster.nodeOf('vip')).toBe('a');
  });

  test('the nominated node is kept for the preemptor: a pod of lower priority does not slip in', async () => {
    const cluster = new FakeCluster().apply(small('a'), filler('old', 'a'), vip());
    await cluster.settle();
    cluster.apply(pod('late', { requests: { cpu: '600m' }, priority: 50 }));
    await cluster.settle();
    cluster.built.cache.removePod('uid-old');
    cluster.apply(pod('later', { requests: { cpu: '600m' }, priority: 50 }));
    await cluster.settle();
    expect(cluster.nodeOf('later')).toBeUndefined();
  });

  test('does not evict once more while the first victim is ending', async () => {
    const cluster = new FakeCluster().apply(
      small('a'),
      small('b'),
      filler('old', 'a'),
      filler('other', 'b', { priority: 10 }),
      vip(),
    );
    await cluster.settle();
    cluster.built.queue.activate([cluster.pod('vip')]);
    await cluster.settle();
    expect(evicted(cluster)).toEqual(['old']);
    expect(cluster.messages('vip').at(-1)).toContain(
      'preemption: not eligible due to a terminating pod on the nominated node.',
    );
  });

  test('pods of equal or higher priority stay', async () => {
    const cluster = new FakeCluster().apply(small('a'), filler('peer', 'a', { priority: 100 }), vip());
    await cluster.settle();
    expect(evicted(cluster)).toEqual([]);
    expect(cluster.messages('vip')).toEqual([
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    ]);
  });

  test('preemptionPolicy Never waits instead', async () => {
    const cluster = new FakeCluster().apply(
      small('a'),
      filler('old', 'a'),
      vip({ spec: { preemptionPolicy: 'Never' } }),
    );
    await cluster.settle();
    expect(evicted(cluster)).toEqual([]);
    expect(cluster.messages('vip')).toEqual([
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    ]);
  });

  test('a node that is refused for good is no candidate', async () => {
    const tainted = node('a', { cpu: '1', taints: [{ key: 'x', effect: 'NoSchedule' }] });
    const cluster = new FakeCluster().apply(tainted, filler('old', 'a'), vip());
    await cluster.settle();
    expect(evicted(cluster)).toEqual([]);
    expect(cluster.messages('vip')[0]).toContain(
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
  });

  test('only as many are evicted as must be, the least important first', async () => {
    const third = { requests: { cpu: '300m' } };
    const cluster = new FakeCluster().apply(
      small('a'),
      filler('low', 'a', { ...third, priority: 1 }),
      filler('middle', 'a', { ...third, priority: 2 }),
      filler('high', 'a', { ...third, priority: 3 }),
      vip({ requests: { cpu: '400m' } }),
    );
    await cluster.settle();
    expect(evicted(cluster)).toEqual(['low']);
  });

  test.each<{ because: string; a: PodShape; b: PodShape; picked: string }>([
    { because: 'no budget is broken', a: { labels: { app: 'guarded' } }, b: { priority: 5 }, picked: 'b' },
    { because: 'its victim has the lower priority', a: { priority: 2 }, b: { priority: 1 }, picked: 'b' },
    {
      because: 'its victim started later',
      a: { startTime: '2030-01-01T00:00:00Z' },
      b: { startTime: '2030-01-01T00:00:05Z' },
      picked: 'b',
    },
  ])('of two nodes the one is picked where $because', async ({ a, b, picked }) => {
    const cluster = new FakeCluster();
    cluster.stores.podDisruptionBudgets.set(budget('guard', 'guarded', 0));
    cluster.apply(small('a'), small('b'), filler('on-a', 'a', a), filler('on-b', 'b', b), vip());
    await cluster.settle();
    expect(evicted(cluster)).toEqual([`on-${picked}`]);
  });

  test('a budget that allows it is no obstacle', async () => {
    const cluster = new FakeCluster();
    cluster.stores.podDisruptionBudgets.set(budget('guard', 'web', 1));
    cluster.apply(small('a'), filler('old', 'a', { labels: { app: 'web' } }), vip());
    await cluster.settle();
    expect(evicted(cluster)).toEqual(['old']);
  });

  test('a broken budget is better than no place', async () => {
    const cluster = new FakeCluster();
    cluster.stores.podDisruptionBudgets.set(budget('guard', 'web', 0));
    cluster.apply(small('a'), filler('old', 'a', { labels: { app: 'web' } }), vip());
    await cluster.settle();
    expect(evicted(cluster)).toEqual(['old']);
  });

  test('a nomination that has become pointless is taken back', async () => {
    const cluster = new FakeCluster().apply(
      small('a'),
      vip({ requests: { cpu: '2' }, status: { nominatedNodeName: 'a', phase: 'Pending' } }),
    );
    await cluster.settle();
    expect(cluster.pod('vip').status?.nominatedNodeName).toBeUndefined();
  });
});
