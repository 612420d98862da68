import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '@pilothouse/api';
import { planClaim } from './plan-claim.ts';

const claim = (spec: object = {}, metadata: object = {}): PersistentVolumeClaim =>
  ({
    metadata: { name: 'c', namespace: 'ns', uid: 'c-uid', ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  }) as unknown as PersistentVolumeClaim;

const volume = (name: string, storage: string, spec: object = {}): PersistentVolume =>
  ({
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], ...spec },
    status: { phase: 'Available' },
  }) as unknown as PersistentVolume;

const plan = (
  each: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  classes: readonly object[] = [],
  waiting: string[] = [],
) =>
  planClaim(each, {
    all: volumes,
    byName: (name) => volumes.find(({ metadata }) => metadata.name === name),
    classByName: (name) => (classes as StorageClass[]).find(({ metadata }) => metadata.name === name),
    defaultClass: () => (classes as StorageClass[]).find(({ metadata }) => metadata.labels?.default),
    waitingPods: () => waiting,
  });

const boundTo = (result: ReturnType<typeof plan>) => (result.act === 'bind' ? result.volume.metadata.name : undefined);

describe('a claim', () => {
  it('gets the smallest volume that fits', () => {
    expect(boundTo(plan(claim(), [volume('large', '10Gi'), volume('small', '2Gi'), volume('tiny', '1Mi')]))).toBe(
      'small',
    );
  });

  it('gets none of another class, mode or owner', () => {
    const others = [
      volume('class', '2Gi', { storageClassName: 'fast' }),
      volume('block', '2Gi', { volumeMode: 'Block' }),
      volume('taken', '2Gi', { claimRef: { namespace: 'ns', name: 'other', uid: 'x' } }),
    ];
    expect(plan(claim(), others)).toMatchObject({ act: 'wait', event: { reason: 'FailedBinding' } });
  });

  it('prefers the volume that is reserved for it, even to a smaller one', () => {
    const reserved = volume('mine', '9Gi', { claimRef: { namespace: 'ns', name: 'c' } });
    expect(boundTo(plan(claim(), [volume('small', '2Gi'), reserved]))).toBe('mine');
  });

  const waiting = {
    metadata: { name: 'late' },
    provisioner: 'example.com/p',
    volumeBindingMode: 'WaitForFirstConsumer',
  };

  it('of a class that waits is bound only to what is reserved for it', () => {
    const free = [volume('v', '2Gi', { storageClassName: 'late' })];
    expect(plan(claim({ storageClassName: 'late' }), free, [waiting])).toMatchObject({
      act: 'wait',
      event: { reason: 'WaitForFirstConsumer' },
    });
    const chosen = claim({ storageClassName: 'late' }, { annotations: { 'volume.kubernetes.io/selected-node': 'n' } });
    expect(plan(chosen, free, [waiting])).toMatchObject({ act: 'wait', provisioner: 'example.com/p' });
    const mine = volume('mine', '2Gi', { storageClassName: 'late', claimRef: { namespace: 'ns', name: 'c' } });
    expect(boundTo(plan(claim({ storageClassName: 'late' }), [...free, mine], [waiting]))).toBe('mine');
  });

  it.each<[string[], string, string]>([
    [[], 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding'],
    [['a'], 'WaitForPodScheduled', 'waiting for pod a to be scheduled'],
    [['a', 'b'], 'WaitForPodScheduled', 'waiting for pods a,b to be scheduled'],
  ])('of a class that waits says that it waits for %j', (pods, reason, message) => {
    expect(plan(claim({ storageClassName: 'late' }), [], [waiting], pods)).toMatchObject({
      event: { reason, message },
    });
  });

  it('without class gets the default one as soon as there is one, but no free volume with it', () => {
    const classes = [{ metadata: { name: 'usual', labels: { default: 'yes' } }, provisioner: 'example.com/p' }];
    expect(plan(claim(), [], classes)).toEqual({ act: 'classify', className: 'usual' });
    expect(boundTo(plan(claim(), [volume('v', '2Gi')], classes))).toBe('v');
    expect(plan(claim({ storageClassName: '' }), [], classes)).toMatchObject({ event: { reason: 'FailedBinding' } });
  });

  it('of a provisioner that Kubernetes would have to have says that it has none', () => {
    const local = { metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner' };
    expect(plan(claim({ storageClassName: 'local' }), [], [local])).toMatchObject({
      event: {
        reason: 'ProvisioningFailed',
        message: 'no volume plugin matched name: kubernetes.io/no-provisioner',
      },
    });
  });

  it('without a fitting volume is left to its provisioner', () => {
    const now = { ...waiting, volumeBindingMode: 'Immediate' };
    expect(plan(claim({ storageClassName: 'late' }), [], [now])).toMatchObject({
      act: 'wait',
      provisioner: 'example.com/p',
    });
  });

  it('that was bound is lost with its volume', () => {
    const bound = claim({ volumeName: 'gone' }, { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } });
    expect(plan(bound, [])).toMatchObject({ act: 'lose', event: { reason: 'ClaimLost' } });
  });
});
