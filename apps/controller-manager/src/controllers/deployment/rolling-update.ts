import { scaledIntOrPercent } from '@pilothouse/apimachinery';
import type { Deployment, ReplicaSet } from '@pilothouse/api';
import { byAge, sizeOf, totalActual, totalAvailable, totalSize } from './replica-sets.ts';

/** A ReplicaSet and the size it shall have. */
export interface ScaleStep {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

export interface Fenceposts {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Pods that an absolute number or percentage means; what validation let through always resolves. */
function resolve(value: number | string | undefined, total: number, roundUp: boolean): number {
  const scaled = scaledIntOrPercent(value ?? 0, total, roundUp);
  return scaled.ok ? scaled.value : 0;
}

const desiredOf = (deployment: Deployment): number => deployment.spec.replicas ?? 1;

export const isRollingUpdate = (deployment: Deployment): boolean => deployment.spec.strategy?.type !== 'Recreate';

/**
 * maxSurge rounded up and maxUnavailable rounded down, in pods. When both come to 0 nothing could ever move, so one
 * pod may be unavailable.
 */
export function fenceposts(deployment: Deployment): Fenceposts {
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const desired = desiredOf(deployment);
  const surge = resolve(maxSurge, desired, true);
  const unavailable = resolve(maxUnavailable, desired, false);
  if (surge === 0 && unavailable === 0) return { maxSurge: 0, maxUnavailable: 1 };
  return { maxSurge: surge, maxUnavailable: Math.min(unavailable, desired) };
}

/** The size of the new ReplicaSet now: as large as surge allows, or all at once for Recreate. */
export function newReplicaSetSize(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newOne: ReplicaSet | undefined,
): number {
  const desired = desiredOf(deployment);
  if (!isRollingUpdate(deployment)) return desired;
  const current = newOne ? sizeOf(newOne) : 0;
  const maxTotal = desired + fenceposts(deployment).maxSurge;
  const total = totalSize(all);
  if (total >= maxTotal) return current;
  return current + Math.min(maxTotal - total, desired - current);
}

/** One step of a rolling update: the new ReplicaSet first, the old ones only when it stays. */
export function planRollingUpdate(deployment: Deployment, newOne: ReplicaSet, old: readonly ReplicaSet[]): ScaleStep[] {
  const desired = desiredOf(deployment);
  const current = sizeOf(newOne);
  if (current > desired) return [{ replicaSet: newOne, replicas: desired }];
  const target = newReplicaSetSize(deployment, [...old, newOne], newOne);
  if (target !== current) return [{ replicaSet: newOne, replicas: target }];
  return planOldReplicaSets(deployment, newOne, old);
}

/**
 * Shrinks the old ReplicaSets without letting fewer than `desired - maxUnavailable` pods be available: first the pods
 * that are not healthy anyway, then as many healthy ones as the new ReplicaSet replaces.
 */
function planOldReplicaSets(deployment: Deployment, newOne: ReplicaSet, old: readonly ReplicaSet[]): ScaleStep[] {
  if (totalSize(old) === 0) return [];
  const all = [...old, newOne];
  const minAvailable = desiredOf(deployment) - fenceposts(deployment).maxUnavailable;
  const newUnavailable = sizeOf(newOne) - (newOne.status?.availableReplicas ?? 0);
  const maxScaledDown = totalSize(all) - minAvailable - newUnavailable;
  if (maxScaledDown <= 0) return [];

  const sizes = new Map(old.map((each) => [each, sizeOf(each)]));
  const ordered = [...old].sort(byAge);
  let cleaned = 0;
  for (const each of ordered) {
    if (cleaned >= maxScaledDown) break;
    const size = sizes.get(each)!;
    const unhealthy = size - (each.status?.availableReplicas ?? 0);
    if (size === 0 || unhealthy <= 0) continue;
    const count = Math.min(maxScaledDown - cleaned, unhealthy);
    sizes.set(each, size - count);
    cleaned += count;
  }

  let budget = totalAvailable(all) - minAvailable;
  for (const each of ordered) {
    if (budget <= 0) break;
    const size = sizes.get(each)!;
    const count = Math.min(size, budget);
    sizes.set(each, size - count);
    budget -= count;
  }
  return ordered
    .filter((each) => sizes.get(each) !== sizeOf(each))
    .map((replicaSet) => ({ replicaSet, replicas: sizes.get(replicaSet)! }));
}

/** Whether old pods may still run, in which case Recreate waits. */
export function oldPodsRunning(
  newOne: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  podsOf: (replicaSet: ReplicaSet) => readonly { readonly status?: { readonly phase?: string } }[],
): boolean {
  if (totalActual(old) > 0) return true;
  return old
    .filter((each) => each.metadata.uid !== newOne?.metadata.uid)
    .some((each) => podsOf(each).some((pod) => pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded'));
}
