import type { Pod, ReplicaSet, ReplicaSetStatus } from '@pilothouse/api';
import { rankPodsForDeletion } from '@pilothouse/controller';
import { formatTime, removeCondition, setCondition, findCondition } from '../conditions.ts';
import type { PodCounts } from './pod-counts.ts';

/** At most so many pods are created or deleted in one reconcile (upstream's burst). */
export const BURST_REPLICAS = 500;

export interface ReplicaSetPlan {
  readonly create: number;
  readonly delete: readonly Pod[];
}

/** The pods that a choice of victims is made from; asked for only when one is to be made. */
export interface Choice {
  active(): readonly Pod[];
  /** Those of all ReplicaSets of the same owner: pods crowded on a node go first. */
  related(): readonly Pod[];
}

/** How many pods to create, or which to delete, so that there are as many active ones as the spec asks for. */
export function planReplicas(replicaSet: ReplicaSet, active: number, choice: Choice, now: Date): ReplicaSetPlan {
  const difference = active - (replicaSet.spec.replicas ?? 1);
  if (difference < 0) return { create: Math.min(-difference, BURST_REPLICAS), delete: [] };
  if (difference === 0) return { create: 0, delete: [] };
  const count = Math.min(difference, BURST_REPLICAS);
  const candidates = choice.active();
  // When all must go there is nothing to choose.
  const order = difference < active ? rankPodsForDeletion(candidates, choice.related(), now) : candidates;
  return { create: 0, delete: order.slice(0, count) };
}

/** The status that the pods justify. `failure` is what went wrong while they were created or deleted. */
export function planStatus(
  replicaSet: ReplicaSet,
  counts: PodCounts,
  failure: { readonly create: boolean; readonly message: string } | undefined,
  now: Date,
): ReplicaSetStatus {
  const conditions = planConditions(replicaSet, failure, now);
  return {
    replicas: counts.active,
    ...(counts.fullyLabeled ? { fullyLabeledReplicas: counts.fullyLabeled } : {}),
    ...(counts.ready ? { readyReplicas: counts.ready } : {}),
    ...(counts.available ? { availableReplicas: counts.available } : {}),
    terminatingReplicas: counts.terminating,
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
