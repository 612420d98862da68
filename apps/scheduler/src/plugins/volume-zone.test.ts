import { describe } from 'vitest';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';
import { claim, using, volume } from '../testing/volumes.ts';

const zone = 'topology.kubernetes.io/zone';
const zoned =
  (value: string) =>
  ({ stores }: FakeCluster) => {
    stores.persistentVolumes.set(volume('pv', { labels: { [zone]: value } }));
    stores.persistentVolumeClaims.set(claim('data', { boundTo: 'pv' }));
  };
const p = pod('p', { spec: using('data') });

describe('VolumeZone', () => {
  scenarios({
    'a pod follows its volume': {
      nodes: [node('a', { labels: { [zone]: 'a' } }), node('b', { labels: { [zone]: 'b' } })],
      given: zoned('b'),
      pod: p,
      lands: 'b',
    },
    'a volume may be in several zones': {
      nodes: [node('b', { labels: { [zone]: 'b' } })],
      given: zoned('a__b'),
      pod: p,
      lands: 'b',
    },
    'the older label means the same': {
      nodes: [node('b', { labels: { 'failure-domain.beta.kubernetes.io/zone': 'b' } })],
      given: zoned('b'),
      pod: p,
      lands: 'b',
    },
    'a node without zones is everywhere': { nodes: [node('a')], given: zoned('b'), pod: p, lands: 'a' },
    'another zone': {
      nodes: [node('a', { labels: { [zone]: 'a' } })],
      given: zoned('b'),
      pod: p,
      fails: '0/1 nodes are available: 1 node(s) had no available volume zone.',
    },
  });
});
