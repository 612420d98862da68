import { objectKey } from '@pilothouse/apimachinery';
import type { PersistentVolume, PersistentVolumeClaim } from '@pilothouse/api';

/** What one node would mean for the pod's unbound claims. */
export interface VolumeDecisions {
  readonly bindings: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provisions: readonly PersistentVolumeClaim[];
}

/**
 * Decisions taken for pods whose binding is still under way, so that no two pods are promised the same volume, and no
 * claim is promised to two nodes, before the apiserver knows.
 */
export class AssumedVolumes {
  /** Claim by volume. */
  readonly #claimOf = new Map<string, string>();
  /** Node by claim. */
  readonly #nodeOf = new Map<string, string>();

  assume(decisions: VolumeDecisions, nodeName: string): void {
    for (const { claim, volume } of decisions.bindings) this.#claimOf.set(volume.metadata.name!, objectKey(claim));
    for (const claim of decisions.provisions) this.#nodeOf.set(objectKey(claim), nodeName);
  }

  forget(decisions: VolumeDecisions): void {
    for (const { volume } of decisions.bindings) this.#claimOf.delete(volume.metadata.name!);
    for (const claim of decisions.provisions) this.#nodeOf.delete(objectKey(claim));
  }

  isTaken(volumeName: string, claim: PersistentVolumeClaim): boolean {
    const by = this.#claimOf.get(volumeName);
    return by !== undefined && by !== objectKey(claim);
  }

  selectedNode(claim: PersistentVolumeClaim): string | undefined {
    return this.#nodeOf.get(objectKey(claim));
  }
}
