import { csidrivers, nodes, persistentvolumeclaims, persistentvolumes } from '@pilothouse/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';

const ID = 'kubernetes.io/csi/disk.example.com^v-1';
let cluster: FakeCluster;

function createVolume(): void {
  const metadata = { namespace: 'default', name: 'data' };
  cluster.put(persistentvolumeclaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: { volumeName: 'pv' },
  });
  cluster.put(persistentvolumes, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv' },
    spec: { csi: { driver: 'disk.example.com', volumeHandle: 'v-1' } },
  });
}

function createDriver(attachRequired: boolean): void {
  cluster.put(csidrivers, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: 'disk.example.com' },
    spec: { attachRequired },
  });
}

function createPod(): void {
  cluster.createPod('web', { volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'data' } }] });
}

function reportAttached(): void {
  const node = cluster.node();
  cluster.put(nodes, { ...node, status: { ...node.status, volumesAttached: [{ name: ID, devicePath: '' }] } });
}

describe('a pod with a claim', () => {
  beforeEach(async () => {
    cluster = await new FakeCluster().start();
    createVolume();
  });
  afterEach(() => cluster.stop());

  it('starts when its node says that the volume is attached, and lets go of it in the end', async () => {
    createDriver(true);
    createPod();
    await cluster.clock.run(5_000);
    expect(cluster.ready('web')).toBe(false);
    expect(cluster.node().status?.volumesInUse).toEqual([ID]);
    reportAttached();
    await cluster.clock.run(5_000);
    expect(cluster.ready('web')).toBe(true);
    cluster.deletePod('web', 0);
    await cluster.clock.run(5_000);
    expect(cluster.node().status?.volumesInUse).toEqual([]);
  });

  it('says what it waits for', async () => {
    createDriver(true);
    createPod();
    await cluster.clock.run(130_000);
    expect(cluster.events('web')).toContain(
      'FailedMount: Unable to attach or mount volumes: unmounted volumes=[disk], unattached volumes=[disk], failed to process volumes=[]: context deadline exceeded',
    );
  });

  it('starts at once when nothing is to be attached, and no claim is read when no driver attaches', async () => {
    createDriver(false);
    createPod();
    await cluster.clock.run(5_000);
    expect(cluster.ready('web')).toBe(true);
    expect(cluster.node().status?.volumesInUse).toBeUndefined();
    expect(cluster.requests.filter((each) => each.includes('persistentvolume'))).toEqual([]);
  });
});
