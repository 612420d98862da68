import { describe, expect, it } from 'vitest';
import { newControllerRef, type KubeObject } from '@pilothouse/apimachinery';
import { planClaim } from './plan-claim.ts';

const owner: KubeObject = {
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  metadata: { name: 'rs', namespace: 'a', uid: 'rs-1' },
};
const deleted = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } };
const orphan: KubeObject = { metadata: { name: 'pod', namespace: 'a' } };
const owned: KubeObject = { metadata: { ...orphan.metadata, ownerReferences: [newControllerRef(owner)] } };
const foreign: KubeObject = {
  metadata: { ...orphan.metadata, ownerReferences: [{ ...newControllerRef(owner), uid: 'x' }] },
};
const dying: KubeObject = { metadata: { ...orphan.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } };
const elsewhere: KubeObject = { metadata: { name: 'pod', namespace: 'b' } };

describe('planClaim', () => {
  it.each([
    ['an owned object that matches', owned, owner, true, 'keep'],
    ['an owned object that matches no more', owned, owner, false, 'release'],
    ['an owned object that matches, of a controller being deleted', owned, deleted, true, 'keep'],
    ['an owned object that matches no more, of a controller being deleted', owned, deleted, false, 'ignore'],
    ["another's object, even if it matches", foreign, owner, true, 'ignore'],
    ['a matching orphan', orphan, owner, true, 'adopt'],
    ['an orphan that does not match', orphan, owner, false, 'ignore'],
    ['a matching orphan, for a controller being deleted', orphan, deleted, true, 'ignore'],
    ['a matching orphan that is being deleted', dying, owner, true, 'ignore'],
    ['a matching orphan of another namespace', elsewhere, owner, true, 'ignore'],
  ])('%s', (_what, object, controller, matches, expected) => {
    expect(planClaim(object, controller, matches)).toBe(expected);
  });
});
