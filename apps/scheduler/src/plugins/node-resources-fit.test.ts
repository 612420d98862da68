import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';

const gpu = 'example.com/gpu';
const withStrategy = (scoringStrategy: object) => ({
  profiles: [
    { schedulerName: 'default-scheduler', pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy } }] },
  ],
});

describe('NodeResourcesFit', () => {
  scenarios({
    'every short resource is named': {
      nodes: [node('a', { cpu: '1', memory: '1Gi' })],
      pod: pod('p', { requests: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '200Gi' } }),
      fails: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient ephemeral-storage, 1 Insufficient memory.',
    },
    'what other pods have asked for is taken': {
      nodes: [node('a', { cpu: '1' })],
      existing: [pod('old', { requests: { cpu: '600m' }, on: 'a' })],
      pod: pod('p', { requests: { cpu: '500m' } }),
      fails: '0/1 nodes are available: 1 Insufficient cpu.',
    },
    'a node can be filled to the last': {
      nodes: [node('a', { cpu: '1' })],
      existing: [pod('old', { requests: { cpu: '600m' }, on: 'a' })],
      pod: pod('p', { requests: { cpu: '0.4' } }),
      lands: 'a',
    },
    'the number of pods is limited': {
      nodes: [node('a', { pods: '1' })],
      existing: [pod('old', { on: 'a' })],
      pod: pod('p'),
      fails: '0/1 nodes are available: 1 Too many pods.',
    },
    'a pod that asks for nothing fits an overcommitted node': {
      nodes: [node('a', { cpu: '1' })],
      existing: [pod('old', { requests: { cpu: '2' }, on: 'a' })],
      pod: pod('p'),
      lands: 'a',
    },
    'extended resources count': {
      nodes: [node('a'), node('b', { extended: { [gpu]: '1' } })],
      pod: pod('p', { requests: { [gpu]: '1' } }),
      lands: 'b',
    },
    'extended resources run out': {
      nodes: [node('a'), node('b', { extended: { [gpu]: '1' } })],
      existing: [pod('old', { requests: { [gpu]: '1' }, on: 'b' })],
      pod: pod('p', { requests: { [gpu]: '1' } }),
      fails: '0/2 nodes are available: 2 Insufficient example.com/gpu.',
    },
    'an init container counts by its largest moment': {
      nodes: [node('a', { cpu: '1' })],
      pod: pod('p', {
        requests: { cpu: '100m' },
        spec: { initContainers: [{ name: 'init', resources: { requests: { cpu: '1100m' } } }] },
      }),
      fails: '0/1 nodes are available: 1 Insufficient cpu.',
    },
    'a sidecar adds to the containers': {
      nodes: [node('a', { cpu: '1' })],
      pod: pod('p', {
        requests: { cpu: '600m' },
        spec: {
          initContainers: [{ name: 'proxy', restartPolicy: 'Always', resources: { requests: { cpu: '500m' } } }],
        },
      }),
      fails: '0/1 nodes are available: 1 Insufficient cpu.',
    },
    'pod-level requests override': {
      nodes: [node('a', { cpu: '1' })],
      pod: pod('p', { requests: { cpu: '2' }, spec: { resources: { requests: { cpu: '500m' } } } }),
      lands: 'a',
    },
    'overhead is added': {
      nodes: [node('a', { cpu: '1' })],
      pod: pod('p', { requests: { cpu: '900m' }, spec: { overhead: { cpu: '200m' } } }),
      fails: '0/1 nodes are available: 1 Insufficient cpu.',
    },
    'LeastAllocated, the default, spreads': {
      nodes: [node('a'), node('b')],
      existing: [pod('old', { requests: { cpu: '1', memory: '1Gi' }, on: 'a' })],
      pod: pod('p', { requests: { cpu: '1', memory: '1Gi' } }),
      lands: 'b',
    },
    'MostAllocated packs': {
      nodes: [node('a'), node('b')],
      existing: [pod('old', { requests: { cpu: '1', memory: '2Gi' }, on: 'a' })],
      pod: pod('p', { requests: { cpu: '1', memory: '2Gi' } }),
      configuration: withStrategy({ type: 'MostAllocated' }),
      lands: 'a',
    },
    'RequestedToCapacityRatio follows its shape': {
      nodes: [node('a'), node('b')],
      existing: [pod('old', { requests: { cpu: '1', memory: '2Gi' }, on: 'a' })],
      pod: pod('p', { requests: { cpu: '1', memory: '2Gi' } }),
      configuration: withStrategy({
        type: 'RequestedToCapacityRatio',
        requestedToCapacityRatio: {
          shape: [
            { utilization: 0, score: 0 },
            { utilization: 100, score: 10 },
          ],
        },
      }),
      lands: 'a',
    },
  });

  test('a pod larger than any node knows that preemption cannot help', async () => {
    const cluster = new FakeCluster().apply(
      node('a', { cpu: '1' }),
      pod('p', { requests: { cpu: '2' }, priority: 100 }),
    );
    await cluster.settle();
    expect(cluster.messages('p')).toEqual([
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ]);
  });

  test.each([
    ['scoringStrategy.type', { type: 'Random' }],
    ['shape', { type: 'RequestedToCapacityRatio' }],
    ['weight', { resources: [{ name: 'cpu', weight: 0 }] }],
  ])('args with a wrong %s are refused', (field, scoringStrategy) => {
    expect(() => new FakeCluster({ configuration: withStrategy(scoringStrategy) })).toThrow(field);
  });
});
