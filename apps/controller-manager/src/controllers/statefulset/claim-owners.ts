import { type KubeObject, newControllerRef, type OwnerReference } from '@pilothouse/apimachinery';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '@pilothouse/api';
import { isInRange } from './pod.ts';

/**
 * Who owns a claim of the pod, as the retention policy has it: with `whenDeleted: Delete` the set, so that the claim goes
 * with it; with `whenScaled: Delete` the pod, but only once it is scaled away, because a pod that merely restarts must
 * find its data again. Undefined when the claim's references are right already.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
 */
export function planClaimOwners(
  set: StatefulSet,
  pod: Pod,
  claim: PersistentVolumeClaim,
): OwnerReference[] | undefined {
  const current = claim.metadata.ownerReferences ?? [];
  const others = current.filter((owner) => owner.uid !== set.metadata.uid && owner.uid !== pod.metadata.uid);
  // A claim has one controller; one that somebody else controls is theirs.
  const wanted = others.some((owner) => owner.controller) ? undefined : ownerFor(set, pod);
  const isRight =
    wanted === undefined
      ? others.length === current.length
      : current.length === others.length + 1 &&
        current.some((owner) => owner.uid === wanted.metadata?.uid && owner.controller);
  return isRight ? undefined : [...others, ...(wanted ? [newControllerRef(wanted)] : [])];
}

function ownerFor(set: StatefulSet, pod: Pod): KubeObject | undefined {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (whenScaled === 'Delete' && !isInRange(set, pod)) return { ...pod, apiVersion: 'v1', kind: 'Pod' };
  return whenDeleted === 'Delete' ? { ...set, apiVersion: 'apps/v1', kind: 'StatefulSet' } : undefined;
}

/**
 * The claim still belongs to an earlier pod of the name, which was scaled away: it is about to be collected, and a new
 * pod must wait for a claim of its own.
 */
export function isStale(set: StatefulSet, podName: string, claim: PersistentVolumeClaim): boolean {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false;
  return claim.metadata.ownerReferences?.some((owner) => owner.kind === 'Pod' && owner.name === podName) === true;
}
