import { describe } from 'vitest';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod, type PodShape } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';
import { claim, using, volume } from '../testing/volumes.ts';

const disk = (readOnly: boolean): PodShape['spec'] => ({
  volumes: [{ name: 'd', gcePersistentDisk: { pdName: 'disk', readOnly } }],
});
const exclusive = ({ stores }: FakeCluster) => {
  stores.persistentVolumes.set(volume('pv'));
  stores.persistentVolumeClaims.set(claim('data', { boundTo: 'pv', accessModes: ['ReadWriteOncePod'] }));
};

describe('VolumeRestrictions', () => {
  scenarios({
    'a disk that is written there': {
      nodes: [node('a')],
      existing: [pod('old', { spec: { ...disk(false), nodeName: 'a' } })],
      pod: pod('p', { spec: disk(true) }),
      fails: '0/1 nodes are available: 1 node(s) had no available disk.',
    },
    'readers get along': {
      nodes: [node('a')],
      existing: [pod('old', { spec: { ...disk(true), nodeName: 'a' } })],
      pod: pod('p', { spec: disk(true) }),
      lands: 'a',
    },
    'a claim for one pod alone is free': {
      nodes: [node('a')],
      given: exclusive,
      pod: pod('p', { spec: using('data') }),
      lands: 'a',
    },
    'a claim for one pod alone is in use, whatever the node': {
      nodes: [node('a'), node('b')],
      given: exclusive,
      existing: [pod('old', { spec: { ...using('data'), nodeName: 'a' } })],
      pod: pod('p', { spec: using('data') }),
      fails:
        '0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.',
    },
  });
});
