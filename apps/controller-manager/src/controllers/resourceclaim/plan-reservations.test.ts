import { describe, expect, it } from 'vitest';
import type { Pod, ResourceClaim, ResourceClaimConsumerReference } from '@pilothouse/api';
import { CLAIM_FINALIZER, planReservations } from './plan-reservations.ts';

const TIME = '2026-01-01T00:00:00Z';
const user = (uid: string): ResourceClaimConsumerReference => ({ resource: 'pods', name: uid, uid });
const allocation = { devices: {} };

const claim = (
  reservedFor: readonly string[],
  { allocated = true, going = false, owner = '' }: { allocated?: boolean; going?: boolean; owner?: string } = {},
): ResourceClaim =>
  ({
    metadata: {
      ...(going ? { deletionTimestamp: TIME } : {}),
      ...(allocated || going ? { finalizers: [CLAIM_FINALIZER] } : {}),
      ...(owner ? { ownerReferences: [{ kind: 'Pod', name: 'owner', uid: owner, controller: true }] } : {}),
    },
    status: {
      ...(allocated ? { allocation } : {}),
      ...(reservedFor.length > 0 ? { reservedFor: reservedFor.map(user) } : {}),
    },
  }) as unknown as ResourceClaim;

const pod = (uid: string, phase = 'Running'): Pod =>
  ({ metadata: { name: 'owner', uid }, spec: { nodeName: 'node-1' }, status: { phase } }) as unknown as Pod;

const NOTHING = { removeFinalizer: false, delete: false };

describe('a claim', () => {
  it.each<[string, ReturnType<typeof planReservations>, ReturnType<typeof planReservations>]>([
    ['that all its users still use stays', planReservations(claim(['a']), [user('a')], undefined), NOTHING],
    [
      'loses the users that are done',
      planReservations(claim(['a', 'b']), [user('b')], undefined),
      { ...NOTHING, status: { allocation, reservedFor: [user('b')] } },
    ],
    [
      'gives its devices back with its last user',
      planReservations(claim(['a']), [], undefined),
      { status: {}, removeFinalizer: true, delete: false },
    ],
    ['keeps devices that were allocated and never used', planReservations(claim([]), [], undefined), NOTHING],
    [
      'gives even those back when it is to go',
      planReservations(claim([], { going: true }), [], undefined),
      { status: {}, removeFinalizer: true, delete: false },
    ],
    [
      'that is to go stays while it is used',
      planReservations(claim(['a'], { going: true }), [user('a')], undefined),
      NOTHING,
    ],
    [
      'that is to go and has no devices is let go',
      planReservations(claim([], { going: true, allocated: false }), [], undefined),
      { ...NOTHING, removeFinalizer: true },
    ],
  ])('%s', (_, plan, expected) => expect(plan).toEqual(expected));

  it('is deleted when it was made for a pod that is done, or for one whose name another pod has now', () => {
    const made = claim([], { allocated: false, owner: 'a' });
    expect(planReservations(made, [], pod('a', 'Succeeded')).delete).toBe(true);
    expect(planReservations(made, [], pod('b')).delete).toBe(true);
    expect(planReservations(made, [], pod('a')).delete).toBe(false);
    expect(planReservations(made, [], undefined).delete).toBe(false);
  });
});
