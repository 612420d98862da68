import type { Pod, ReplicaSet, ReplicaSetStatus } from '@pilothouse/api';
import { isPodAvailable, isPodReady, rankPodsForDeletion } from '@pilothouse/controller';
import { formatTime, removeCondition, setCondition, findCondition } from '../conditions.ts';

/** At most so many pods are created or deleted in one reconcile (upstream's burst). */
export const BURST_REPLICAS = 500;

export interface ReplicaSetPlan {
  readonly create: number;
  readonly delete: readonly Pod[];
}

/**
 * How many pods to create, or which to delete, so that `active` has as many as the spec asks for. `relatedPods`
 * gives the pods of all ReplicaSets of the same owner, when it matters: pods crowded on a node go first.
 */
export function planReplicas(
  replicaSet: ReplicaSet,
  active: readonly Pod[],
  relatedPods: () => readonly Pod[],
  now: Date,
): ReplicaSetPlan {
  const difference = active.length - (replicaSet.spec.replicas ?? 1);
  if (difference < 0) return { create: Math.min(-difference, BURST_REPLICAS), delete: [] };
  if (difference === 0) return { create: 0, delete: [] };
  const count = Math.min(difference, BURST_REPLICAS);
  // When all must go there is nothing to choose.
  const order = difference < active.length ? rankPodsForDeletion(active, relatedPods(), now) : active;
  return { create: 0, delete: order.slice(0, count) };
}

/** The status that the pods justify. `failure` is what went wrong while they were created or deleted. */
export function planStatus(
  replicaSet: ReplicaSet,
  active: readonly Pod[],
  terminating: readonly Pod[],
  failure: { readonly create: boolean; readonly message: string } | undefined,
  now: Date,
): ReplicaSetStatus {
  const templateLabels = Object.entries(replicaSet.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  let [fullyLabeled, ready, available] = [0, 0, 0];
  for (const pod of active) {
    const labels = pod.metadata.labels ?? {};
    if (templateLabels.every(([key, value]) => labels[key] === value)) fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, minReadySeconds, now)) available++;
  }
  const conditions = planConditions(replicaSet, failure, now);
  return {
    replicas: active.length,
    ...(fullyLabeled ? { fullyLabeledReplicas: fullyLabeled } : {}),
    ...(ready ? { readyReplicas: ready } : {}),
    ...(available ? { availableReplicas: available } : {}),
    terminatingReplicas: terminating.length,
    ...(replicaSet.metadata.generation ? { observedGeneration: replicaSet.metadata.generation } : {}),
    ...(conditions.length ? { conditions } : {}),
  };
}

function planConditions(
  replicaSet: ReplicaSet,
  failure: { readonly create: boolean; readonly message: string } | undefined,
  now: Date,
) {
  const current = replicaSet.status?.conditions ?? [];
  if (failure === undefined) return removeCondition(current, 'ReplicaFailure');
  if (findCondition(current, 'ReplicaFailure')) return [...current];
  return setCondition(current, {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: formatTime(now),
    reason: failure.create ? 'FailedCreate' : 'FailedDelete',
    message: failure.message,
  });
}
