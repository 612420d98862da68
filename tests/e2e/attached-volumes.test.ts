import { describe, expect, it } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

const cluster = useCluster({ nodes: 2 });
const kubectl = kubectlOf(cluster);

const VOLUME = `apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: disk.example.com, annotations: {pilothouse.dev/attacher: simulated}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec:
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  csi: {driver: disk.example.com, volumeHandle: v-1}
  storageClassName: ""
`;
const CLAIM = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", volumeName: disk, resources: {requests: {storage: 1Gi}}}
`;
const podOn = (name: string, node: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: nginx, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`;
const ID = 'kubernetes.io/csi/disk.example.com^v-1';

describe('a volume of a CSI driver', () => {
  it('is attached to the node of its pod, to no second one meanwhile, and moves on when the pod is gone', async () => {
    const [first = '', second = ''] = (await kubectl('get nodes -o jsonpath={.items[*].metadata.name}')).split(' ');
    await kubectl('create namespace disks');
    await kubectl('apply -n disks', VOLUME);
    await kubectl('apply -n disks', CLAIM);
    await kubectl('wait pvc/data -n disks --for=jsonpath={.status.phase}=Bound --timeout=120s');
    await kubectl('apply -n disks', podOn('one', first));
    await kubectl('wait pod/one -n disks --for=condition=Ready --timeout=120s');
    expect(await kubectl('get volumeattachments -o jsonpath={.items[*].spec.nodeName}')).toBe(first);
    const status = 'jsonpath={.status.volumesAttached[*].name},{.status.volumesInUse[*]}';
    expect(await kubectl(`get node ${first} -o ${status}`)).toBe(`${ID},${ID}`);

    await kubectl('apply -n disks', podOn('two', second));
    const blocked = 'events -n disks --for=pod/two --types=Warning';
    await expect
      .poll(() => kubectl(blocked), { timeout: 120_000 })
      .toContain('Multi-Attach error for volume "disk" Volume is already used by pod(s) one');
    expect(await kubectl('get pod two -n disks -o jsonpath={.status.phase}')).toBe('Pending');

    await kubectl('delete pod one -n disks --timeout=120s');
    await kubectl('wait pod/two -n disks --for=condition=Ready --timeout=120s');
    expect(await kubectl('get volumeattachments -o jsonpath={.items[*].spec.nodeName}')).toBe(second);
    await expect
      .poll(() => kubectl('get events -n disks -o jsonpath={.items[*].message}'), { timeout: 120_000 })
      .toContain('AttachVolume.Attach succeeded for volume "disk"');

    await kubectl('delete pod two -n disks --timeout=120s');
    await expect.poll(() => kubectl('get volumeattachments -o name'), { timeout: 120_000 }).toBe('');
    await expect.poll(() => kubectl(`get node ${second} -o ${status}`), { timeout: 120_000 }).toBe(',');
  }, 300_000);
});
