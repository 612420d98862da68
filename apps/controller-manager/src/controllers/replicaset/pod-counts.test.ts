import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectorFromSet } from '@pilothouse/apimachinery';
import { type Pod, type ReplicaSet, replicasets } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { indexByController } from '../pod-index.ts';
import { countPods, countUniformPods, indexByReplicaState } from './pod-counts.ts';

const NOW = new Date('2026-01-01T01:00:00Z');
const LABELS = { app: 'web', tier: 'front' };

const replicaSet = (spec: object = {}): ReplicaSet =>
  ({
    metadata: { name: 'web', namespace: 'default', uid: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: LABELS } }, ...spec },
  }) as unknown as ReplicaSet;

interface Shape {
  readonly owner: string;
  readonly labels: Record<string, string>;
  readonly phase: string;
  readonly ready: boolean;
  readonly deleted: boolean;
}

const pod = ({ owner, labels, phase, ready, deleted }: Shape): Pod =>
  ({
    metadata: {
      namespace: 'default',
      labels,
      ...(owner ? { ownerReferences: [{ kind: 'ReplicaSet', name: owner, uid: owner, controller: true }] } : {}),
      ...(deleted ? { deletionTimestamp: '2026-01-01T00:30:00Z' } : {}),
    },
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Pod;

/** An informer of a fixed list of pods. */
function informerOf(pods: readonly Pod[]): SharedInformer<Pod> {
  const indexes = new Map<string, (pod: Pod) => readonly string[]>();
  const byIndex = (index: string, value: string) => pods.filter((each) => indexes.get(index)!(each).includes(value));
  const lister = { byIndex, countByIndex: (index: string, value: string) => byIndex(index, value).length };
  const informer = {
    lister,
    addIndex: (name: string, keysOf: (pod: Pod) => readonly string[]) => indexes.set(name, keysOf),
  };
  indexByController(informer as unknown as SharedInformer<Pod>);
  indexByReplicaState(informer as unknown as SharedInformer<Pod>);
  return informer as unknown as SharedInformer<Pod>;
}

const countUniform = (pods: readonly Pod[], object = replicaSet()) =>
  countUniformPods(informerOf(pods), { ref: replicasets, object, selector: selectorFromSet({ app: 'web' }) });

const shape = (labels: fc.Arbitrary<Record<string, string>>, owner: fc.Arbitrary<string>): fc.Arbitrary<Shape> =>
  fc.record({
    owner,
    labels,
    phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
    ready: fc.boolean(),
    deleted: fc.boolean(),
  });

const RUNNING: Shape = { owner: 'web', labels: LABELS, phase: 'Running', ready: true, deleted: false };

describe('counting the pods of a replica set without looking at them', () => {
  it('gives what looking at them gives', () => {
    const own = shape(fc.constantFrom(LABELS, { tier: 'front', app: 'web' }), fc.constant('web'));
    const others = shape(fc.constantFrom(LABELS, { app: 'other' }), fc.constant('other'));
    fc.assert(
      fc.property(fc.array(own), fc.array(others), (mine, theirs) => {
        const owned = mine.map(pod);
        expect(countUniform([...owned, ...theirs.map(pod)])).toEqual(countPods(replicaSet(), owned, NOW));
      }),
    );
  });

  it.each<[string, Shape[], ReplicaSet?]>([
    ['a pod has labels of its own', [RUNNING, { ...RUNNING, labels: { ...LABELS, mine: 'x' } }]],
    ['a pod is to be released', [RUNNING, { ...RUNNING, labels: { app: 'other' } }]],
    ['a pod is to be adopted', [RUNNING, { ...RUNNING, owner: '' }]],
    ['being ready is not enough', [RUNNING], replicaSet({ minReadySeconds: 5 })],
  ])('is left to who looks when %s', (_, shapes, owner) => {
    expect(countUniform(shapes.map(pod), owner)).toBeUndefined();
  });
});
