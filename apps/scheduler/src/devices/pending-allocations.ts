import type { AllocationResult, ResourceClaim } from '@pilothouse/api';
import type { Lister } from '@pilothouse/client';

/** Allocations that were decided and are not in the cache of claims yet: their devices are taken all the same. */
export class PendingAllocations {
  readonly #byClaim = new Map<string, AllocationResult>();

  add(claim: ResourceClaim, allocation: AllocationResult): void {
    this.#byClaim.set(claim.metadata.uid ?? '', allocation);
  }

  delete({ metadata }: ResourceClaim): void {
    this.#byClaim.delete(metadata.uid ?? '');
  }

  has({ metadata }: ResourceClaim): boolean {
    return this.#byClaim.has(metadata.uid ?? '');
  }

  /** Everything that is allocated in the cluster. What the cache knows by now is forgotten here. */
  *all(claims: Lister<ResourceClaim>): Generator<AllocationResult> {
    const undecided = new Set<string>();
    for (const { metadata, status } of claims.list()) {
      if (status?.allocation) yield status.allocation;
      else undecided.add(metadata.uid ?? '');
    }
    for (const [uid, allocation] of this.#byClaim) {
      if (undecided.has(uid)) yield allocation;
      else this.#byClaim.delete(uid);
    }
  }
}
