import type { PersistentVolumeClaim, Pod } from '@pilothouse/api';
import { claimNameOf } from '../cache/pod-info.ts';
import type { ClusterListers } from '../framework/listers.ts';

export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

/** The claims of a pod by what has to happen to them before it can run. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Unbound, and bound only once a pod that uses them has a node. */
  readonly delayed: readonly PersistentVolumeClaim[];
  /** Unbound, and someone else's to bind at once. */
  readonly immediate: readonly PersistentVolumeClaim[];
}

type ClaimListers = Pick<ClusterListers, 'persistentVolumeClaims' | 'storageClasses'>;

/** Why the pod's claims rule out every node, worded as upstream; undefined if they do not. */
export function claimProblem(pod: Pod, listers: ClaimListers): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name === undefined) continue;
    const claim = listers.persistentVolumeClaims.get(`${pod.metadata.namespace}/${name}`);
    if (!claim) {
      return volume.ephemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`;
    }
    if (claim.status?.phase === 'Lost') {
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
    }
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
    if (
      volume.ephemeral &&
      !claim.metadata.ownerReferences?.some((owner) => owner.uid === pod.metadata.uid && owner.controller)
    ) {
      return `PVC ${pod.metadata.namespace}/${name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`;
    }
  }
  return undefined;
}

export function podClaims(claimKeys: readonly string[], listers: ClaimListers): PodClaims {
  const claims: Record<keyof PodClaims, PersistentVolumeClaim[]> = { bound: [], delayed: [], immediate: [] };
  for (const key of claimKeys) {
    const claim = listers.persistentVolumeClaims.get(key);
    if (!claim) continue;
    if (isFullyBound(claim)) claims.bound.push(claim);
    else if (!claim.spec?.volumeName && isBoundLate(claim, listers)) claims.delayed.push(claim);
    else claims.immediate.push(claim);
  }
  return claims;
}

export function isFullyBound(claim: PersistentVolumeClaim): boolean {
  return !!claim.spec?.volumeName && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

export function storageClassNameOf(claim: PersistentVolumeClaim): string {
  return claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '';
}

function isBoundLate(claim: PersistentVolumeClaim, listers: ClaimListers): boolean {
  return listers.storageClasses.get(storageClassNameOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
}
