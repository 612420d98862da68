import { describe, expect, it } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

const cluster = useCluster();
const kubectl = kubectlOf(cluster);

const STORAGE_CLASS = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: simulated}
provisioner: pilothouse.dev/simulated
volumeBindingMode: WaitForFirstConsumer
`;
const DATABASE = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: "nginx:1.25", volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], storageClassName: simulated, resources: {requests: {storage: 1Gi}}}
`;

const DEFAULT_CLASS = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: usual, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: pilothouse.dev/simulated
allowVolumeExpansion: true
`;
const CLAIM = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: early}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;

describe('a StatefulSet', () => {
  it('starts in order, keeps a volume for each pod, rolls and scales down from the last', async () => {
    await kubectl('create namespace stateful');
    await kubectl('apply', STORAGE_CLASS);
    await kubectl('apply -n stateful', DATABASE);
    await kubectl('rollout status statefulset/db -n stateful --timeout=60s');
    const started = await kubectl(
      'get pods -n stateful --sort-by=.metadata.name -o jsonpath={.items[*].status.startTime}',
    );
    expect(started.split(' ')).toEqual(started.split(' ').sort());
    const claims = 'get persistentvolumeclaims -n stateful -o jsonpath={.items[*].status.phase}';
    expect(await kubectl(claims)).toBe('Bound Bound Bound');

    await kubectl('set image statefulset/db -n stateful db=nginx:1.26');
    await kubectl('rollout status statefulset/db -n stateful --timeout=60s');
    const images = await kubectl('get pods -n stateful -o jsonpath={.items[*].spec.containers[0].image}');
    expect(new Set(images.split(' '))).toEqual(new Set(['nginx:1.26']));

    await kubectl('scale statefulset/db -n stateful --replicas=1');
    await kubectl('wait pod/db-1 pod/db-2 -n stateful --for=delete --timeout=30s');
    expect(await kubectl('get pods -n stateful -o name')).toBe('pod/db-0');
    // What the pods kept stays for when they come back.
    expect(await kubectl(claims)).toBe('Bound Bound Bound');
  });
});

describe('a claim', () => {
  it('made before there was a default class gets it afterwards, and grows', async () => {
    await kubectl('create namespace claims');
    await kubectl('apply -n claims', CLAIM);
    await kubectl('wait pvc/early -n claims --for=jsonpath={.status.phase}=Pending --timeout=60s');
    await kubectl('apply', DEFAULT_CLASS);
    await kubectl('wait pvc/early -n claims --for=jsonpath={.status.phase}=Bound --timeout=60s');
    const patch = JSON.stringify({ spec: { resources: { requests: { storage: '2Gi' } } } });
    await kubectl(`patch pvc early -n claims -p '${patch}'`);
    await kubectl('wait pvc/early -n claims --for=jsonpath={.status.capacity.storage}=2Gi --timeout=60s');
    const volume = await kubectl('get pvc early -n claims -o jsonpath={.spec.volumeName}');
    expect(await kubectl(`get pv ${volume} -o jsonpath={.spec.capacity.storage}`)).toBe('2Gi');
    await kubectl('delete pvc early -n claims --timeout=60s');
    await kubectl(`wait pv/${volume} --for=delete --timeout=60s`);
  });
});
