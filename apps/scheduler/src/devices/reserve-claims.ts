import { isConflict, isNotFound } from '@pilothouse/apimachinery';
import type { AllocationResult, Pod, ResourceClaim } from '@pilothouse/api';
import type { ApiWriter } from '../framework/api-writer.ts';
import { isReservedFor } from './pod-resource-claims.ts';

/** Keeps an allocated claim from going before its devices are given back. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection';
/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-v1/ */
const MOST_CONSUMERS = 256;
const MOST_TRIES = 5;

/**
 * Writes to a claim that it is allocated, and reserved for the pod. Another's write in between is looked at and the
 * write tried again, unless it allocated the claim differently.
 */
export async function reserveClaim(
  claim: ResourceClaim,
  pod: Pod,
  allocation: AllocationResult | undefined,
  api: ApiWriter,
): Promise<ResourceClaim> {
  let current = claim;
  for (let tries = 1; ; tries++) {
    try {
      return await tryReserve(current, pod, allocation, api);
    } catch (error) {
      if (!isConflict(error) || tries === MOST_TRIES) throw error;
      current = await api.getResourceClaim(claim);
    }
  }
}

async function tryReserve(
  claim: ResourceClaim,
  pod: Pod,
  allocation: AllocationResult | undefined,
  api: ApiWriter,
): Promise<ResourceClaim> {
  const { name, deletionTimestamp, finalizers = [] } = claim.metadata;
  if (deletionTimestamp) throw new Error(`claim ${name} got deleted in the meantime`);
  if (isReservedFor(claim, pod) && claim.status?.allocation) return claim;
  let current = claim;
  if (!claim.status?.allocation) {
    if (!allocation) throw new Error(`claim ${name} got deallocated in the meantime`);
    if (!finalizers.includes(CLAIM_FINALIZER)) {
      const metadata = { ...claim.metadata, finalizers: [...finalizers, CLAIM_FINALIZER] };
      current = await api.updateResourceClaim({ ...claim, metadata });
    }
  } else if (allocation) {
    throw new Error(`claim ${name} got allocated elsewhere in the meantime`);
  }
  const { metadata } = pod;
  const reservedFor = [...(current.status?.reservedFor ?? [])];
  if (reservedFor.length >= MOST_CONSUMERS) throw new Error(`claim ${name} has too many consumers`);
  reservedFor.push({ resource: 'pods', name: metadata.name ?? '', uid: metadata.uid ?? '' });
  const status = { ...current.status, ...(allocation ? { allocation } : {}), reservedFor };
  return api.updateResourceClaimStatus({ ...current, status });
}

/** Takes back a reservation, or with `deallocate` the whole allocation of a claim that nobody else uses. */
export async function releaseClaim(
  claim: ResourceClaim,
  pod: Pod,
  { deallocate }: { readonly deallocate: boolean },
  api: ApiWriter,
): Promise<void> {
  try {
    const current = await api.getResourceClaim(claim);
    const reservedFor = (current.status?.reservedFor ?? []).filter(({ uid }) => uid !== pod.metadata.uid);
    if (reservedFor.length === (current.status?.reservedFor ?? []).length && !deallocate) return;
    const { allocation: _, reservedFor: __, ...rest } = current.status ?? {};
    const isIdle = deallocate && reservedFor.length === 0;
    const status = isIdle
      ? {}
      : {
          ...rest,
          ...(current.status?.allocation ? { allocation: current.status.allocation } : {}),
          ...(reservedFor.length > 0 ? { reservedFor } : {}),
        };
    await api.updateResourceClaimStatus({ ...current, status });
  } catch (error) {
    // Somebody else was faster; what they wrote is newer than what this knew.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
