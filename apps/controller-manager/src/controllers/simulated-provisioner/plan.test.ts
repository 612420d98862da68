import { describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim, StorageClass } from '@pilothouse/api';
import { planProvision, SIMULATED_PROVISIONER } from './plan.ts';

const ASKED = { 'volume.kubernetes.io/storage-provisioner': SIMULATED_PROVISIONER };
const claim = (annotations: object, spec: object = {}): PersistentVolumeClaim =>
  ({
    metadata: { name: 'data', namespace: 'ns', uid: 'u1', annotations },
    spec: { storageClassName: 'fast', resources: { requests: { storage: '1Gi' } }, ...spec },
  }) as unknown as PersistentVolumeClaim;
const storageClass = (more: object = {}): StorageClass =>
  ({ metadata: { name: 'fast' }, provisioner: SIMULATED_PROVISIONER, ...more }) as unknown as StorageClass;

describe('a claim of a simulated class', () => {
  it('gets a volume of its size, reserved for it', () => {
    const volume = planProvision(claim(ASKED), storageClass());
    expect(volume?.metadata.name).toBe('pvc-u1');
    expect(volume?.spec).toMatchObject({
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { namespace: 'ns', name: 'data', uid: 'u1' },
    });
  });

  it.each([
    ['is not asked of us', claim({}), storageClass()],
    ['has a volume', claim(ASKED, { volumeName: 'x' }), storageClass()],
    ['waits for its first pod', claim(ASKED), storageClass({ volumeBindingMode: 'WaitForFirstConsumer' })],
    ['has a class of somebody else', claim(ASKED), storageClass({ provisioner: 'example.com/other' })],
  ])('gets none when it %s', (_, wanted, of) => {
    expect(planProvision(wanted, of)).toBeUndefined();
  });
});
