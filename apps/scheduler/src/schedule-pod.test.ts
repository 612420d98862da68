import { seededRandom } from '@pilothouse/component';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeInfo } from './cache/node-info.ts';
import { PodInfo } from './cache/pod-info.ts';
import { CycleState } from './framework/cycle-state.ts';
import { NodeCursor, numFeasibleNodesToFind } from './node-sampling.ts';
import { schedulePod, selectNode, type ScheduleResult } from './schedule-pod.ts';
import { FakeCluster } from './testing/fake-cluster.ts';
import { node, pod } from './testing/objects.ts';

function clusterOf(count: number): FakeCluster {
  return new FakeCluster().apply(...Array.from({ length: count }, (_, i) => node(`n${i}`)));
}

function schedule(cluster: FakeCluster, cursor = new NodeCursor(), percentageOfNodesToScore = 0): ScheduleResult {
  const { cache, profiles } = cluster.built;
  const framework = profiles.get('default-scheduler')!;
  const options = { random: seededRandom(1), cursor, percentageOfNodesToScore };
  return schedulePod(new PodInfo(pod('p')), cache.snapshot, framework, new CycleState(), options);
}

describe('how many nodes are enough', () => {
  test.each([
    { nodes: 10, percentage: 0, enough: 10 },
    { nodes: 99, percentage: 10, enough: 99 },
    { nodes: 100, percentage: 0, enough: 100 },
    { nodes: 1000, percentage: 0, enough: 420 },
    { nodes: 1000, percentage: 40, enough: 400 },
    { nodes: 6000, percentage: 0, enough: 300 },
    { nodes: 6000, percentage: 100, enough: 6000 },
    { nodes: 200, percentage: 1, enough: 100 },
  ])('of $nodes at $percentage %: $enough', ({ nodes, percentage, enough }) => {
    expect(numFeasibleNodesToFind(nodes, percentage)).toBe(enough);
  });

  test('the search stops there, and the next one goes on from there', () => {
    const cluster = clusterOf(250);
    const cursor = new NodeCursor();
    expect(schedule(cluster, cursor, 40)).toMatchObject({ kind: 'scheduled', feasibleNodes: 100, evaluatedNodes: 100 });
    expect(cursor.start).toBe(100);
    schedule(cluster, cursor, 40);
    schedule(cluster, cursor, 40);
    expect(cursor.start).toBe(50);
  });
});

describe('the choice among equals', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => ({ name }) as NodeInfo);

  test('is one of the best, for any scores', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), fc.nat(), (scores, seed) => {
        const chosen = nodes.indexOf(selectNode(nodes, scores, seededRandom(seed)));
        expect(scores[chosen]).toBe(Math.max(...scores));
      }),
    );
  });

  test('gives each the same chance', () => {
    const random = seededRandom(42);
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const { name } = selectNode(nodes, [5, 1, 5, 5], random);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['a', 'c', 'd']);
    for (const count of counts.values()) expect(count).toBeGreaterThan(900);
  });
});

test('a cluster without nodes', () => {
  expect(schedule(new FakeCluster())).toEqual({ kind: 'noNodes' });
});

test('why each node was refused is in the diagnosis', () => {
  const cluster = new FakeCluster().apply(node('a', { unschedulable: true }), node('b', { pods: '0' }));
  const result = schedule(cluster);
  if (result.kind !== 'unfit') throw new Error(`unexpected ${result.kind}`);
  expect(result.nodeCount).toBe(2);
  expect(result.diagnosis.nodeStatuses.get('a').message).toBe('node(s) were unschedulable');
  expect(result.diagnosis.nodeStatuses.get('b').message).toBe('Too many pods');
  expect([...result.diagnosis.unschedulablePlugins].sort()).toEqual(['NodeResourcesFit', 'NodeUnschedulable']);
});
