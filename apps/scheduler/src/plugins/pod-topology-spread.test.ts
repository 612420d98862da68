import type { TopologySpreadConstraint } from '@pilothouse/api';
import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod, type PodShape } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';

const zone = 'topology.kubernetes.io/zone';
const inZone = (name: string, value: string) => node(name, { labels: { [zone]: value } });
const nodes = [inZone('a1', 'a'), inZone('a2', 'a'), inZone('b1', 'b')];
const web = (name: string, on: string) => pod(name, { labels: { app: 'web' }, on });

function spread(constraint: Partial<TopologySpreadConstraint> = {}): PodShape {
  return {
    labels: { app: 'web' },
    spec: {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: zone,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: 'web' } },
          ...constraint,
        },
      ],
    },
  };
}

describe('PodTopologySpread', () => {
  scenarios({
    'a pod goes to the zone that lags behind': {
      nodes,
      existing: [web('1', 'a1')],
      pod: pod('p', spread()),
      lands: 'b1',
    },
    'a larger skew leaves the choice': {
      nodes,
      existing: [web('1', 'a1')],
      pod: pod('p', spread({ maxSkew: 2 })),
      lands: ['a1', 'a2', 'b1'],
    },
    'no zone is possible when the lagging one is full': {
      nodes: [inZone('a1', 'a'), node('b1', { labels: { [zone]: 'b' }, pods: '0' })],
      existing: [web('1', 'a1')],
      pod: pod('p', spread()),
      fails: "0/2 nodes are available: 1 Too many pods, 1 node(s) didn't match pod topology spread constraints.",
    },
    'a node without the label is no domain': {
      nodes: [node('x')],
      pod: pod('p', spread()),
      fails:
        "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
    },
    'pods of other namespaces do not count': {
      nodes: [inZone('a1', 'a'), inZone('b1', 'b')],
      existing: [web('1', 'a1'), pod('2', { namespace: 'other', labels: { app: 'web' }, on: 'b1' })],
      pod: pod('p', spread()),
      lands: 'b1',
    },
    'terminating pods do not count': {
      nodes: [inZone('a1', 'a'), inZone('b1', 'b')],
      existing: [
        pod('1', { labels: { app: 'web' }, on: 'b1', metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' } }),
        web('2', 'a1'),
      ],
      pod: pod('p', spread()),
      lands: 'b1',
    },
    'too few domains count as an empty one more': {
      nodes: [inZone('a1', 'a')],
      existing: [web('1', 'a1')],
      pod: pod('p', spread({ minDomains: 2 })),
      fails: "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints.",
    },
    'only nodes that the node affinity allows are domains': {
      nodes: [...nodes, node('c1', { labels: { [zone]: 'c', os: 'windows' } })].map((each) =>
        each.metadata.name === 'c1'
          ? each
          : { ...each, metadata: { ...each.metadata, labels: { ...each.metadata.labels, os: 'linux' } } },
      ),
      existing: [web('1', 'a1'), web('2', 'b1')],
      pod: pod('p', { ...spread(), spec: { ...spread().spec, nodeSelector: { os: 'linux' } } }),
      lands: ['a1', 'a2', 'b1'],
    },
    'matchLabelKeys counts only pods of the same revision': {
      nodes: [inZone('a1', 'a'), inZone('b1', 'b')],
      existing: [
        pod('1', { labels: { app: 'web', rev: '1' }, on: 'b1' }),
        pod('2', { labels: { app: 'web', rev: '1' }, on: 'b1' }),
        pod('3', { labels: { app: 'web', rev: '2' }, on: 'a1' }),
      ],
      pod: pod('p', { ...spread({ matchLabelKeys: ['rev'] }), labels: { app: 'web', rev: '2' } }),
      lands: 'b1',
    },
    'ScheduleAnyway only prefers': {
      nodes: [inZone('a1', 'a'), inZone('b1', 'b')],
      existing: [web('1', 'b1'), web('2', 'b1')],
      pod: pod('p', spread({ whenUnsatisfiable: 'ScheduleAnyway' })),
      lands: 'a1',
    },
  });

  test('the pods of a ReplicaSet spread over hosts and zones without a word in their spec', async () => {
    const cluster = new FakeCluster();
    cluster.stores.replicaSets.set({
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'web' } } },
    });
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }];
    cluster.apply(inZone('a', 'a'), inZone('b', 'b'), inZone('c', 'c'));
    const names = ['1', '2', '3', '4', '5', '6'];
    for (const name of names) {
      cluster.apply(pod(name, { labels: { app: 'web' }, metadata: { ownerReferences } }));
      await cluster.settle();
    }
    const counts = Object.groupBy(names, (name) => cluster.nodeOf(name)!);
    expect(Object.values(counts).map((pods) => pods!.length)).toEqual([2, 2, 2]);
  });

  test('a default list in the profile replaces the system defaults', async () => {
    const defaultConstraints = [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule' }];
    const args = { defaultingType: 'List', defaultConstraints };
    const profiles = [{ schedulerName: 'default-scheduler', pluginConfig: [{ name: 'PodTopologySpread', args }] }];
    const cluster = new FakeCluster({ configuration: { profiles } });
    cluster.stores.services.set({
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' } },
    });
    cluster.apply(
      inZone('a', 'a'),
      node('b', { labels: { [zone]: 'b' }, pods: '0' }),
      web('1', 'a'),
      pod('p', { labels: { app: 'web' } }),
    );
    await cluster.settle();
    expect(cluster.messages('p')[0]).toContain("1 node(s) didn't match pod topology spread constraints.");
  });

  test('a pod that waits for a zone is tried again when a pod it counts goes', async () => {
    const cluster = new FakeCluster();
    cluster.apply(
      inZone('a1', 'a'),
      node('b1', { labels: { [zone]: 'b' }, pods: '0' }),
      web('1', 'a1'),
      pod('p', spread()),
    );
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBeUndefined();
    cluster.deletePod('1');
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBe('a1');
  });
});
