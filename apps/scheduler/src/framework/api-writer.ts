import type {
  Binding,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodCondition,
  ResourceClaim,
} from '@pilothouse/api';

/** What a pod's status is to become; what is left out stays. */
export interface PodStatusChange {
  readonly condition?: PodCondition;
  /** Empty clears the nomination. */
  readonly nominatedNodeName?: string;
}

/** Every write of the scheduler to the apiserver. Each rejects with a StatusError. */
export interface ApiWriter {
  bindPod(binding: Binding): Promise<void>;
  patchPodStatus(pod: Pod, change: PodStatusChange): Promise<void>;
  /** Deletes just this pod: a successor of the same name is left alone. */
  deletePod(pod: Pod): Promise<void>;
  updatePersistentVolume(volume: PersistentVolume): Promise<PersistentVolume>;
  updatePersistentVolumeClaim(claim: PersistentVolumeClaim): Promise<PersistentVolumeClaim>;
  /** The newest version of just this claim. */
  getResourceClaim(claim: ResourceClaim): Promise<ResourceClaim>;
  updateResourceClaim(claim: ResourceClaim): Promise<ResourceClaim>;
  updateResourceClaimStatus(claim: ResourceClaim): Promise<ResourceClaim>;
}
