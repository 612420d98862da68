import type { Pod, ResourceClaim } from '@pilothouse/api';
import type { Lister } from '@pilothouse/client';

/** A pod can not be scheduled as long as this is so; the text is upstream's. */
export class ClaimProblem extends Error {}

/**
 * The ResourceClaims of a pod: those it names, and those made for it from templates. Throws a ClaimProblem while one of
 * them is not there, is going, or belongs to another pod.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
 */
export function podResourceClaims(pod: Pod, claims: Lister<ResourceClaim>): ResourceClaim[] {
  const { namespace = '', name, uid } = pod.metadata;
  const found: ResourceClaim[] = [];
  for (const { name: entry, resourceClaimName, resourceClaimTemplateName } of pod.spec.resourceClaims ?? []) {
    const generated = pod.status?.resourceClaimStatuses?.find((status) => status.name === entry);
    if (resourceClaimTemplateName && !generated)
      throw new ClaimProblem(`pod "${namespace}/${name}": ResourceClaim not created yet`);
    const claimName = resourceClaimName ?? generated?.resourceClaimName;
    // No claim is needed for this entry.
    if (!claimName) continue;
    const claim = claims.get(`${namespace}/${claimName}`);
    if (!claim) throw new ClaimProblem(`resourceclaim "${claimName}" not found`);
    if (claim.metadata.deletionTimestamp) throw new ClaimProblem(`resourceclaim "${claimName}" is being deleted`);
    const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller);
    if (resourceClaimTemplateName && owner?.uid !== uid)
      throw new ClaimProblem(
        `ResourceClaim ${namespace}/${claimName} was not created for pod ${namespace}/${name} (pod is not owner)`,
      );
    found.push(claim);
  }
  return found;
}

export function isReservedFor({ status }: ResourceClaim, { metadata }: Pod): boolean {
  return status?.reservedFor?.some(({ uid }) => uid === metadata.uid) ?? false;
}
