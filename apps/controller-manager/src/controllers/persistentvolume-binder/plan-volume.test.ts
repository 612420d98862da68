import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '@pilothouse/api';
import { planVolume } from './plan-volume.ts';

const claimRef = { namespace: 'ns', name: 'c', uid: 'c-uid' };
const volume = (spec: object = {}, annotations?: object): PersistentVolume =>
  ({ metadata: { name: 'v', annotations }, spec: { claimRef, ...spec } }) as unknown as PersistentVolume;
const claim = (spec: object = {}, uid = 'c-uid'): PersistentVolumeClaim =>
  ({ metadata: { name: 'c', namespace: 'ns', uid }, spec }) as unknown as PersistentVolumeClaim;

describe('a volume', () => {
  it('is available until it has a claim, and bound once that agrees', () => {
    const { uid: _, ...reservation } = claimRef;
    expect(planVolume(volume({ claimRef: undefined }), undefined)).toMatchObject({ status: { phase: 'Available' } });
    expect(planVolume(volume({ claimRef: reservation }), claim())).toMatchObject({ status: { phase: 'Available' } });
    expect(planVolume(volume(), claim())).toEqual({ act: 'ask', isIncompatible: false });
    expect(planVolume(volume(), claim({ volumeMode: 'Block' }))).toEqual({ act: 'ask', isIncompatible: true });
    expect(planVolume(volume(), claim({ volumeName: 'v' }))).toMatchObject({ status: { phase: 'Bound' } });
  });

  it('is given back when its claim has another volume, as far as it was taken', () => {
    const taken = planVolume(volume({}, { 'pv.kubernetes.io/bound-by-controller': 'yes' }), claim({ volumeName: 'w' }));
    expect(taken).toMatchObject({ act: 'free', volume: { metadata: { annotations: {} } } });
    expect(taken.act === 'free' && taken.volume.spec.claimRef).toBeUndefined();
    const reserved = planVolume(volume(), claim({ volumeName: 'w' }));
    expect(reserved.act === 'free' && reserved.volume.spec.claimRef).toEqual({ namespace: 'ns', name: 'c' });
    const provisioned = volume({ persistentVolumeReclaimPolicy: 'Delete' }, { 'pv.kubernetes.io/provisioned-by': 'p' });
    expect(planVolume(provisioned, claim({ volumeName: 'w' }))).toEqual({ act: 'release' });
  });

  it.each<[string, PersistentVolume, object | undefined]>([
    ['stays when it is to be kept', volume({ persistentVolumeReclaimPolicy: 'Retain' }), undefined],
    [
      'is left to its provisioner',
      volume({ persistentVolumeReclaimPolicy: 'Delete' }, { 'pv.kubernetes.io/provisioned-by': 'p' }),
      undefined,
    ],
    [
      'is deleted below /tmp of a host',
      volume({ persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/tmp/data' } }),
      { discard: 'delete' },
    ],
    [
      'fails elsewhere on a host',
      volume({ persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/data' } }),
      { discard: { failure: 'host_path deleter only supports /tmp/.+ but received provided /data' } },
    ],
    [
      'fails when nobody knows how',
      volume({ persistentVolumeReclaimPolicy: 'Delete', nfs: {} }),
      {
        discard: { failure: 'error getting deleter volume plugin for volume "v": no deletable volume plugin matched' },
      },
    ],
  ])('without its claim is released, and then %s', (_, each, more) => {
    expect(planVolume(each, claim({ volumeName: 'v' }, 'another'))).toEqual({ act: 'release', ...more });
  });
});
