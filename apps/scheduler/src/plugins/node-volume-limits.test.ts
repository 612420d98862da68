import { describe } from 'vitest';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';
import { claim, using, volume } from '../testing/volumes.ts';

const driver = 'csi.example.com';
const limited = ({ stores }: FakeCluster) => {
  stores.csiNodes.set({
    metadata: { name: 'a' },
    spec: { drivers: [{ name: driver, nodeID: 'a', topologyKeys: [], allocatable: { count: 1 } }] },
  });
  for (const name of ['x', 'y']) {
    stores.persistentVolumes.set(volume(name, { csiDriver: driver }));
    stores.persistentVolumeClaims.set(claim(name, { boundTo: name }));
  }
};
const old = pod('old', { spec: { ...using('x'), nodeName: 'a' } });

describe('NodeVolumeLimits', () => {
  scenarios({
    'room for one': { nodes: [node('a')], given: limited, pod: pod('p', { spec: using('x') }), lands: 'a' },
    'no room for another': {
      nodes: [node('a')],
      given: limited,
      existing: [old],
      pod: pod('p', { spec: using('y') }),
      fails: '0/1 nodes are available: 1 node(s) exceed max volume count.',
    },
    'the same volume again takes no room': {
      nodes: [node('a')],
      given: limited,
      existing: [old],
      pod: pod('p', { spec: using('x') }),
      lands: 'a',
    },
    'a node that says nothing has no limit': {
      nodes: [node('b')],
      given: limited,
      existing: [pod('old', { spec: { ...using('x'), nodeName: 'b' } })],
      pod: pod('p', { spec: using('y') }),
      lands: 'b',
    },
  });
});
