import { describe, expect, it } from 'vitest';
import type { Pod } from '@pilothouse/api';
import { rankPodsForDeletion } from './deletion-order.ts';
import { filterActivePods, isPodActive, isPodAvailable, isPodReady, isPodTerminal } from './pod-state.ts';

const now = new Date('2030-01-01T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString().replace('.000Z', 'Z');

interface Traits {
  node?: string;
  phase?: string;
  readyFor?: number;
  age?: number;
  cost?: string;
  restarts?: number;
  sidecarRestarts?: number;
  deleting?: boolean;
}

function pod(name: string, traits: Traits = {}): Pod {
  const { node = 'n1', phase = 'Running', readyFor, age = 100, cost, restarts = 0, sidecarRestarts, deleting } = traits;
  const status = { ready: true, restartCount: restarts, image: '', imageID: '' };
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: ago(age),
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
      ...(deleting ? { deletionTimestamp: ago(0) } : {}),
    },
    spec: {
      nodeName: node,
      containers: [],
      ...(sidecarRestarts === undefined ? {} : { initContainers: [{ name: 's', restartPolicy: 'Always' }] }),
    },
    status: {
      phase,
      containerStatuses: [{ name: 'c', ...status }],
      ...(sidecarRestarts === undefined
        ? {}
        : { initContainerStatuses: [{ name: 's', ...status, restartCount: sidecarRestarts }] }),
      ...(readyFor === undefined
        ? {}
        : { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor) }] }),
    },
  };
}

describe('pod state', () => {
  it('tells active, terminal, ready and available apart', () => {
    expect(isPodActive(pod('a'))).toBe(true);
    expect(isPodActive(pod('a', { deleting: true }))).toBe(false);
    expect(isPodActive(pod('a', { phase: 'Failed' }))).toBe(false);
    expect(isPodTerminal(pod('a', { phase: 'Succeeded' }))).toBe(true);
    expect(isPodReady(pod('a'))).toBe(false);
    expect(isPodReady(pod('a', { readyFor: 0 }))).toBe(true);
    expect(filterActivePods([pod('a'), pod('b', { phase: 'Succeeded' })]).map((each) => each.metadata!.name)).toEqual([
      'a',
    ]);
  });

  it('calls a pod available once it has been ready long enough', () => {
    expect(isPodAvailable(pod('a'), 0, now)).toBe(false);
    expect(isPodAvailable(pod('a', { readyFor: 0 }), 0, now)).toBe(true);
    expect(isPodAvailable(pod('a', { readyFor: 9 }), 10, now)).toBe(false);
    expect(isPodAvailable(pod('a', { readyFor: 10 }), 10, now)).toBe(true);
  });
});

describe('rankPodsForDeletion', () => {
  const first = (a: Traits, b: Traits, related: Pod[] = []) =>
    rankPodsForDeletion([pod('b', b), pod('a', a)], related, now)[0]!.metadata!.name;

  it.each<[string, Traits, Traits]>([
    ['unassigned before assigned', { node: '' }, {}],
    ['pending before running', { phase: 'Pending' }, { phase: 'Running' }],
    ['unknown before running', { phase: 'Unknown' }, { phase: 'Running' }],
    ['not ready before ready', {}, { readyFor: 1 }],
    ['the cheaper', { cost: '-5' }, { cost: '1' }],
    ['no cost before a cost above zero', { cost: 'nonsense' }, { cost: '1' }],
    ['ready for a clearly shorter time', { readyFor: 10 }, { readyFor: 1000 }],
    ['the smaller uid when ready for about as long', { readyFor: 900, age: 1000 }, { readyFor: 800, age: 1000 }],
    ['more restarts', { restarts: 3 }, { restarts: 1 }],
    ['more restarts of a sidecar', { sidecarRestarts: 3 }, { sidecarRestarts: 1 }],
    ['the clearly younger', { age: 10 }, { age: 1000 }],
  ])('%s', (_rule, a, b) => {
    expect(first(a, b)).toBe('a');
  });

  it('prefers the node with more related pods, counting active ones only', () => {
    const crowd = [pod('x', { node: 'n2' }), pod('y', { node: 'n2' }), pod('z', { node: 'n1', phase: 'Failed' })];
    expect(first({ node: 'n2' }, { node: 'n1' }, crowd)).toBe('a');
  });
});
