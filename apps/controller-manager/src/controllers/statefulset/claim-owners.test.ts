import { describe, expect, it } from 'vitest';
import type { OwnerReference } from '@pilothouse/apimachinery';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '@pilothouse/api';
import { isStale, planClaimOwners } from './claim-owners.ts';

const set = (whenDeleted: string, whenScaled: string, replicas = 1): StatefulSet =>
  ({
    metadata: { name: 'web', uid: 'set' },
    spec: { replicas, persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } },
  }) as unknown as StatefulSet;

const pod = { metadata: { name: 'web-0', uid: 'pod' }, spec: {} } as unknown as Pod;

const reference = (kind: string, name: string, uid: string): OwnerReference => ({
  apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});
const ofSet = reference('StatefulSet', 'web', 'set');
const ofPod = reference('Pod', 'web-0', 'pod');
const ofOther = reference('Other', 'other', 'other');

const claim = (...ownerReferences: OwnerReference[]): PersistentVolumeClaim =>
  ({ metadata: { name: 'data-web-0', ownerReferences } }) as unknown as PersistentVolumeClaim;

describe('who owns the claim of a pod', () => {
  it.each<[string, StatefulSet, OwnerReference[], OwnerReference[] | undefined]>([
    ['nobody, when all is kept', set('Retain', 'Retain'), [], undefined],
    ['nobody any more, when all is to be kept now', set('Retain', 'Retain'), [ofSet], []],
    ['the set, when claims go with it', set('Delete', 'Retain'), [], [ofSet]],
    ['the set still, when its pod is scaled away', set('Delete', 'Retain', 0), [ofSet], undefined],
    ['nobody, while a pod is wanted', set('Retain', 'Delete'), [], undefined],
    ['the pod, when it is scaled away', set('Retain', 'Delete', 0), [], [ofPod]],
    ['nobody any more, when the pod is wanted again', set('Retain', 'Delete'), [ofPod], []],
    ['the set, while the pod is wanted', set('Delete', 'Delete'), [ofPod], [ofSet]],
    ['the pod instead of the set, when it is scaled away', set('Delete', 'Delete', 0), [ofSet], [ofPod]],
    ['whoever controls it already', set('Delete', 'Delete'), [ofOther], undefined],
    ['only whoever controls it already', set('Delete', 'Delete'), [ofOther, ofSet], [ofOther]],
  ])('%s', (_, of, current, expected) => {
    expect(planClaimOwners(of, pod, claim(...current))).toEqual(expected);
  });

  it('is an earlier pod when it was scaled away: a new pod waits until the claim is gone', () => {
    expect(isStale(set('Retain', 'Delete'), 'web-0', claim(ofPod))).toBe(true);
    expect(isStale(set('Retain', 'Delete'), 'web-0', claim(ofSet))).toBe(false);
    expect(isStale(set('Retain', 'Retain'), 'web-0', claim(ofPod))).toBe(false);
  });
});
