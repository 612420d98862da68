import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod, ReplicaSet } from '@pilothouse/api';
import { BURST_REPLICAS, type Choice, planReplicas, planStatus, type ReplicaSetPlan } from './plan.ts';
import { countPods } from './pod-counts.ts';

const NOW = new Date('2026-01-01T01:00:00Z');

const replicaSet = (replicas: number, more: object = {}): ReplicaSet =>
  ({
    metadata: { name: 'web', generation: 2 },
    spec: { replicas, template: { metadata: { labels: { app: 'web' } } } },
    ...more,
  }) as unknown as ReplicaSet;

interface Shape {
  readonly ready?: boolean;
  readonly node?: string;
  readonly cost?: number;
}

const pod = (name: string, { ready = true, node = 'a', cost }: Shape = {}): Pod =>
  ({
    metadata: {
      name,
      uid: name,
      labels: { app: 'web' },
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': String(cost) } }),
    },
    spec: { nodeName: node },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Pod;

const planOf = (replicas: number, pods: readonly Pod[]): ReplicaSetPlan =>
  planReplicas(replicaSet(replicas), pods.length, { active: () => pods, related: () => pods }, NOW);

const statusOf = (owner: ReplicaSet, pods: readonly Pod[], failure?: { create: boolean; message: string }) =>
  planStatus(owner, countPods(owner, pods, NOW), failure, NOW);

const victims = (replicas: number, pods: readonly Pod[]): (string | undefined)[] =>
  planOf(replicas, pods).delete.map(({ metadata }) => metadata.name);

describe('the pods that a replica set makes or deletes', () => {
  it('are as many as it lacks, in bursts', () => {
    expect(planOf(3, [pod('a')])).toEqual({ create: 2, delete: [] });
    expect(planOf(10_000, []).create).toBe(BURST_REPLICAS);
  });

  it.each<[string, Pod[], string]>([
    ['one without a node', [pod('a'), pod('b', { node: '' })], 'b'],
    ['one that is not ready', [pod('a'), pod('b', { ready: false })], 'b'],
    ['the cheaper', [pod('a', { cost: 10 }), pod('b', { cost: 5 })], 'b'],
    [
      'one that is not ready rather than the cheaper',
      [pod('a', { cost: -5 }), pod('b', { ready: false, cost: 9 })],
      'b',
    ],
    ['one on the fuller node', [pod('a', { node: 'x' }), pod('b', { node: 'y' }), pod('c', { node: 'y' })], 'b'],
  ])('are, first of all, %s', (_, pods, first) => {
    expect(victims(pods.length - 1, pods)).toEqual([first]);
  });

  it('do not ask what else runs while nothing has to be chosen', () => {
    const asked = (): Pod[] => {
      throw new Error('asked');
    };
    const plan = (wanted: number, choice: Choice) => planReplicas(replicaSet(wanted), 1, choice, NOW);
    expect(plan(1, { active: asked, related: asked }).delete).toEqual([]);
    expect(plan(0, { active: () => [pod('a')], related: asked }).delete).toHaveLength(1);
  });

  it('bring any number of pods to what is wanted, and stay there', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1500 }), fc.nat({ max: 1500 }), (wanted, present) => {
        let pods = Array.from({ length: present }, (_, at) => pod(`p${at}`, { node: `n${at % 7}` }));
        for (let round = 0; round < 4; round++) {
          const { create, delete: remove } = planOf(wanted, pods);
          const gone = new Set(remove);
          expect(create === 0 || gone.size === 0).toBe(true);
          pods = [
            ...pods.filter((each) => !gone.has(each)),
            ...Array.from({ length: create }, (_, at) => pod(`r${round}-${at}`)),
          ];
        }
        expect(pods).toHaveLength(wanted);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the status of a replica set', () => {
  it('counts pods, and keeps the first failure until there is none', () => {
    const failure = { create: true, message: 'exceeded quota' };
    const failed = statusOf(replicaSet(3), [pod('a'), pod('b', { ready: false })], failure);
    expect(failed).toMatchObject({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 1,
      availableReplicas: 1,
      terminatingReplicas: 0,
      observedGeneration: 2,
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }],
    });
    const after = replicaSet(3, { status: failed });
    expect(statusOf(after, [], { create: false, message: 'other' }).conditions).toEqual(failed.conditions);
    expect(statusOf(after, []).conditions).toBeUndefined();
  });
});
