import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '@pilothouse/api';
import { planResize } from './plan-resize.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

const claimOf = (request: string, status: object = {}): PersistentVolumeClaim =>
  ({
    metadata: { name: 'c', namespace: 'ns', uid: 'c-uid' },
    spec: { volumeName: 'v', resources: { requests: { storage: request } } },
    status: { phase: 'Bound', capacity: { storage: '1Gi' }, ...status },
  }) as unknown as PersistentVolumeClaim;

const volumeOf = (storage = '1Gi', provisioner = 'pilothouse.dev/simulated'): PersistentVolume =>
  ({
    metadata: { name: 'v', annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
    spec: { capacity: { storage }, claimRef: { namespace: 'ns', name: 'c', uid: 'c-uid' } },
  }) as unknown as PersistentVolume;

describe('a simulated volume', () => {
  it('grows in steps that its claim shows', () => {
    let claim = claimOf('2Gi');
    let volume = volumeOf();
    const done: string[] = [];
    for (let step = planResize(claim, volume, NOW); step; step = planResize(claim, volume, NOW)) {
      done.push(step.do);
      if (step.do === 'enlarge') volume = step.volume;
      else claim = { ...claim, status: step.status };
      if (step.do !== 'finish')
        expect(claim.status).toMatchObject({
          capacity: { storage: '1Gi' },
          allocatedResources: { storage: '2Gi' },
          allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
          conditions: [{ type: 'Resizing', status: 'True' }],
        });
    }
    expect(done).toEqual(['announce', 'enlarge', 'finish']);
    expect(volume.spec.capacity).toEqual({ storage: '2Gi' });
    expect(claim.status).toEqual({
      phase: 'Bound',
      capacity: { storage: '2Gi' },
      allocatedResources: { storage: '2Gi' },
    });
  });

  it.each<[string, PersistentVolumeClaim, PersistentVolume | undefined]>([
    ['as large as it should be', claimOf('1Gi'), volumeOf()],
    ['not bound', claimOf('2Gi', { phase: 'Pending' }), volumeOf()],
    ['not there', claimOf('2Gi'), undefined],
    ['of somebody else', claimOf('2Gi'), volumeOf('1Gi', 'example.com/other')],
  ])('that is %s stays as it is', (_, claim, volume) => {
    expect(planResize(claim, volume, NOW)).toBeUndefined();
  });
});
