import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';
import { claim, lateClass, using, volume } from '../testing/volumes.ts';

const p = pod('p', { spec: using('data') });

describe('VolumeBinding', () => {
  scenarios({
    'a claim that is not there': {
      nodes: [node('a')],
      pod: p,
      fails: '0/1 nodes are available: persistentvolumeclaim "data" not found.',
    },
    'a claim of an ephemeral volume that is yet to come': {
      nodes: [node('a')],
      pod: pod('p', { spec: { volumes: [{ name: 'scratch', ephemeral: {} }] } }),
      fails:
        '0/1 nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch".',
    },
    'an unbound claim that someone else has to bind': {
      nodes: [node('a')],
      given: ({ stores }) => stores.persistentVolumeClaims.set(claim('data')),
      pod: p,
      fails: '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
    },
    'a bound volume draws the pod to where it can be reached': {
      nodes: [node('a'), node('b')],
      given({ stores }) {
        stores.persistentVolumes.set(volume('pv', { on: 'b' }));
        stores.persistentVolumeClaims.set(claim('data', { boundTo: 'pv' }));
      },
      pod: p,
      lands: 'b',
    },
    'a bound volume that no node can reach': {
      nodes: [node('a')],
      given({ stores }) {
        stores.persistentVolumes.set(volume('pv', { on: 'gone' }));
        stores.persistentVolumeClaims.set(claim('data', { boundTo: 'pv' }));
      },
      pod: p,
      fails: '0/1 nodes are available: 1 node(s) had volume node affinity conflict.',
    },
    'a bound volume that is gone': {
      nodes: [node('a')],
      given: ({ stores }) => stores.persistentVolumeClaims.set(claim('data', { boundTo: 'pv' })),
      pod: p,
      fails: '0/1 nodes are available: 1 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s).',
    },
    'no volume to bind late': {
      nodes: [node('a')],
      given({ stores }) {
        stores.storageClasses.set(lateClass('local'));
        stores.persistentVolumes.set(volume('small', { storageClassName: 'local', size: '1Mi' }));
        stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'local' }));
      },
      pod: p,
      fails: "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
    },
    'a volume of another attributes class than the claim asks for': {
      nodes: [node('a')],
      given({ stores }) {
        const wanted = claim('data', { storageClassName: 'local' });
        stores.storageClasses.set(lateClass('local'));
        stores.persistentVolumes.set(volume('plain', { storageClassName: 'local' }));
        stores.persistentVolumeClaims.set({ ...wanted, spec: { ...wanted.spec, volumeAttributesClassName: 'gold' } });
      },
      pod: p,
      fails: "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
    },
    'a topology that the class does not allow': {
      nodes: [node('a', { labels: { zone: 'x' } })],
      given({ stores }) {
        const allowedTopologies = [{ matchLabelExpressions: [{ key: 'zone', values: ['y'] }] }];
        stores.storageClasses.set(lateClass('fast', 'csi.example.com', { allowedTopologies }));
        stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'fast' }));
      },
      pod: p,
      fails: "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
    },
    'a driver that says it has too little left': {
      nodes: [node('a')],
      given({ stores }) {
        stores.storageClasses.set(lateClass('fast', 'csi.example.com'));
        stores.csiDrivers.set({ metadata: { name: 'csi.example.com' }, spec: { storageCapacity: true } });
        stores.csiStorageCapacities.set({
          metadata: { name: 'c', namespace: 'x' },
          storageClassName: 'fast',
          capacity: '10Mi',
          nodeTopology: {},
        });
        stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'fast' }));
      },
      pod: p,
      fails: '0/1 nodes are available: 1 node(s) did not have enough free storage.',
    },
  });

  test('late binding reserves the smallest volume that does, and binds the pod once it is bound', async () => {
    const cluster = new FakeCluster().apply(node('a'), node('b'));
    const { stores, clock, built } = cluster;
    stores.storageClasses.set(lateClass('local'));
    stores.persistentVolumes.set(volume('large', { storageClassName: 'local', size: '10Gi', on: 'b' }));
    stores.persistentVolumes.set(volume('right', { storageClassName: 'local', size: '1Gi', on: 'b' }));
    stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'local' }));
    cluster.apply(p);
    const binding = built.scheduler.scheduleOne(built.queue.pop()!);
    await clock.run(0);
    expect(stores.persistentVolumes.get('right')?.spec.claimRef).toMatchObject({
      name: 'data',
      namespace: 'default',
      uid: 'uid-data',
    });
    expect(cluster.nodeOf('p')).toBeUndefined();

    stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'local', boundTo: 'right' }));
    await clock.run(1000);
    await binding;
    expect(cluster.nodeOf('p')).toBe('b');
  });

  test('a volume to be made is asked for with the chosen node', async () => {
    const cluster = new FakeCluster().apply(node('a'));
    const { stores, clock, built } = cluster;
    stores.storageClasses.set(lateClass('fast', 'csi.example.com'));
    stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'fast' }));
    cluster.apply(p);
    const binding = built.scheduler.scheduleOne(built.queue.pop()!);
    await clock.run(0);
    expect(stores.persistentVolumeClaims.get('default/data')?.metadata.annotations).toEqual({
      'volume.kubernetes.io/selected-node': 'a',
    });
    stores.persistentVolumes.set(volume('pv'));
    stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'fast', boundTo: 'pv' }));
    await clock.run(1000);
    await binding;
    expect(cluster.nodeOf('p')).toBe('a');
  });

  test('a volume that is not made in time sends the pod back with an error', async () => {
    const cluster = new FakeCluster().apply(node('a'));
    cluster.stores.storageClasses.set(lateClass('fast', 'csi.example.com'));
    cluster.stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'fast' }));
    cluster.apply(p);
    const binding = cluster.built.scheduler.scheduleOne(cluster.built.queue.pop()!);
    await cluster.clock.run(601_000);
    await binding;
    expect(cluster.messages('p')).toEqual([
      'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
    ]);
    expect(cluster.pod('p').status?.conditions?.[0]).toMatchObject({
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulerError',
    });
    expect(cluster.built.cache.snapshot.get('a')?.pods.size).toBe(0);
  });

  test('two pods are not promised the same volume', async () => {
    const cluster = new FakeCluster().apply(node('a'));
    const { stores, built } = cluster;
    stores.storageClasses.set(lateClass('local'));
    stores.persistentVolumes.set(volume('only', { storageClassName: 'local' }));
    stores.persistentVolumeClaims.set(claim('data', { storageClassName: 'local' }));
    stores.persistentVolumeClaims.set(claim('more', { storageClassName: 'local' }));
    cluster.apply(p, pod('q', { spec: using('more') }));
    void built.scheduler.scheduleOne(built.queue.pop()!);
    await built.scheduler.scheduleOne(built.queue.pop()!);
    expect(cluster.messages('q')[0]).toContain("1 node(s) didn't find available persistent volumes to bind.");
  });

  test('a pod that waits for its claim is tried again when that is bound', async () => {
    const cluster = new FakeCluster().apply(node('a'));
    cluster.stores.persistentVolumeClaims.set(claim('data'));
    cluster.apply(p);
    await cluster.settle();
    cluster.stores.persistentVolumes.set(volume('pv'));
    cluster.stores.persistentVolumeClaims.set(claim('data', { boundTo: 'pv' }));
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBe('a');
  });
});
