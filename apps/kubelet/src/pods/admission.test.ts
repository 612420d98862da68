import { describe, expect, test } from 'vitest';
import type { Container, Node, Pod, PodSpec } from '@pilothouse/api';
import { admitPod } from './admission.ts';
import { podRequests } from './pod-requests.ts';

const node: Node = {
  metadata: { name: 'node-1', labels: { disk: 'ssd', cores: '8' } },
  spec: {},
  status: { allocatable: { cpu: '4', memory: '4Gi', pods: '2', 'example.com/gpu': '1' } },
};
const container = (requests: Record<string, string>, rest: Partial<Container> = {}): Container => ({
  name: 'c',
  resources: { requests },
  ...rest,
});
const pod = (spec: Partial<PodSpec>): Pod => ({
  metadata: { name: 'p' },
  spec: { containers: [container({})], ...spec },
});

describe('what a pod needs', () => {
  test.each<[string, Partial<PodSpec>, number]>([
    ['the sum of its containers', { containers: [container({ cpu: '1' }), container({ cpu: '500m' })] }, 1.5],
    [
      'an init container that needs more',
      { initContainers: [container({ cpu: '3' })], containers: [container({ cpu: '1' })] },
      3,
    ],
    [
      'an init container that needs less',
      { initContainers: [container({ cpu: '1' })], containers: [container({ cpu: '2' })] },
      2,
    ],
    [
      'its sidecars too',
      { initContainers: [container({ cpu: '1' }, { restartPolicy: 'Always' })], containers: [container({ cpu: '2' })] },
      3,
    ],
    [
      'an init container beside the sidecar before it',
      {
        initContainers: [container({ cpu: '1' }, { restartPolicy: 'Always' }), container({ cpu: '3' })],
        containers: [container({ cpu: '1' })],
      },
      4,
    ],
    [
      'what is said of the whole pod',
      { containers: [container({ cpu: '1' })], resources: { requests: { cpu: '3' } } },
      3,
    ],
    ['its overhead', { containers: [container({ cpu: '1' })], overhead: { cpu: '250m' } }, 1.25],
  ])('is %s', (_, spec, cpu) => {
    expect(podRequests(pod(spec))).toMatchObject({ cpu, pods: 1 });
  });
});

describe('admission', () => {
  test.each<[string, Partial<PodSpec>, string | undefined]>([
    ['what fits', { containers: [container({ cpu: '4', memory: '4Gi' })] }, undefined],
    ['too much cpu', { containers: [container({ cpu: '4001m' })] }, 'OutOfcpu'],
    ['too much memory', { containers: [container({ memory: '5Gi' })] }, 'OutOfmemory'],
    ['a resource the node has not', { containers: [container({ 'example.com/fpga': '1' })] }, 'OutOfexample.com/fpga'],
    ['a selector that matches', { nodeSelector: { disk: 'ssd' } }, undefined],
    ['a selector that does not', { nodeSelector: { disk: 'hdd' } }, 'NodeAffinity'],
  ])('of %s', (_, spec, reason) => {
    expect(admitPod(pod(spec), node, [])?.reason).toBe(reason);
  });

  test.each([
    [[{ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }], true],
    [[{ key: 'disk', operator: 'NotIn', values: ['ssd'] }], false],
    [[{ key: 'zone', operator: 'DoesNotExist' }], true],
    [[{ key: 'zone', operator: 'Exists' }], false],
    [[{ key: 'cores', operator: 'Gt', values: ['4'] }], true],
    [[{ key: 'cores', operator: 'Lt', values: ['4'] }], false],
    [[], false],
  ])('by required affinity %j', (matchExpressions, admitted) => {
    const nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    };
    expect(admitPod(pod({ affinity: { nodeAffinity } }), node, []) === undefined).toBe(admitted);
  });

  test('counts the pods that are there', () => {
    const others = [podRequests(pod({})), podRequests(pod({}))];
    expect(admitPod(pod({}), node, others)).toEqual({
      reason: 'OutOfpods',
      message: "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2",
    });
  });
});
