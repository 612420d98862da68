import { controllerRefOf } from '@pilothouse/apimachinery';
import type { Pod, ResourceClaim, ResourceClaimConsumerReference, ResourceClaimStatus } from '@pilothouse/api';
import { isPodDone } from './claims-of-pod.ts';

/** Set by the scheduler with the allocation: what has devices does not go before these are given back. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection';

export interface ReservationsPlan {
  /** What the status must become. */
  readonly status?: ResourceClaimStatus;
  /** No devices are left that the finalizer would protect. */
  readonly removeFinalizer: boolean;
  /** It was made for a pod that needs it no more. */
  readonly delete: boolean;
}

/** What is to be done with a claim of which only `valid` is still in use. Pure. */
export function planReservations(
  claim: ResourceClaim,
  valid: readonly ResourceClaimConsumerReference[],
  owner: Pod | undefined,
): ReservationsPlan {
  const { metadata, status } = claim;
  const isProtected = metadata.finalizers?.includes(CLAIM_FINALIZER) === true;
  const isUnused = valid.length === 0;
  const hasChanged = valid.length < (status?.reservedFor ?? []).length;
  // What nobody uses gives its devices back, once its last user is gone or it is to go itself.
  const deallocate =
    isUnused && isProtected && Boolean(status?.allocation) && (hasChanged || Boolean(metadata.deletionTimestamp));
  const isAllocated = Boolean(status?.allocation) && !deallocate;
  const { allocation, reservedFor: _, ...rest } = status ?? {};
  const next = {
    ...rest,
    ...(allocation && isAllocated ? { allocation } : {}),
    ...(isUnused ? {} : { reservedFor: [...valid] }),
  };
  return {
    ...(hasChanged || deallocate ? { status: next } : {}),
    removeFinalizer: isProtected && isUnused && !isAllocated && (deallocate || Boolean(metadata.deletionTimestamp)),
    delete: isUnused && !metadata.deletionTimestamp && owner !== undefined && isAbandoned(claim, owner),
  };
}

/** `owner` bears the name of the claim's owner. That it is missing may be news only: then garbage collection decides. */
function isAbandoned(claim: ResourceClaim, owner: Pod): boolean {
  return controllerRefOf(claim)?.uid !== owner.metadata.uid || isPodDone(owner);
}
