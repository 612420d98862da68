import type { Deployment, ReplicaSet } from '@pilothouse/api';
import { MAX_REPLICAS } from './annotations.ts';
import { activeReplicaSets, byAge, bySize, sizeOf, totalSize } from './replica-sets.ts';
import { fenceposts, isRollingUpdate, type ScaleStep } from './rolling-update.ts';

/**
 * What to do when a Deployment is scaled while no rollout may move (paused, or in the middle of one): the change is
 * shared among its ReplicaSets in proportion to their sizes, so that a rollout in progress stays where it is.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
 */
export function planScaling(
  deployment: Deployment,
  newOne: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): ScaleStep[] {
  const desired = deployment.spec.replicas ?? 1;
  const all = newOne ? [...old, newOne] : [...old];

  const single = activeOrLatest(newOne, old);
  if (single) return sizeOf(single) === desired ? [] : [{ replicaSet: single, replicas: desired }];

  if (newOne && isSaturated(deployment, newOne)) {
    return activeReplicaSets(old)
      .sort(byAge)
      .map((replicaSet) => ({ replicaSet, replicas: 0 }));
  }
  return isRollingUpdate(deployment) ? planProportional(deployment, activeReplicaSets(all)) : [];
}

/** The one ReplicaSet with pods, or the newest when none has; undefined when several have. */
function activeOrLatest(newOne: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = activeReplicaSets(newOne ? [...old, newOne] : old);
  if (active.length > 1) return undefined;
  return active[0] ?? newOne ?? [...old].sort(byAge).at(-1);
}

/** The new ReplicaSet has all the pods it should, and they are available. */
export function isSaturated(deployment: Deployment, newOne: ReplicaSet): boolean {
  const desired = deployment.spec.replicas ?? 1;
  return (
    sizeOf(newOne) === desired &&
    Number(newOne.metadata.annotations?.['deployment.kubernetes.io/desired-replicas']) === desired &&
    newOne.status?.availableReplicas === desired
  );
}

function planProportional(deployment: Deployment, active: ReplicaSet[]): ScaleStep[] {
  const desired = deployment.spec.replicas ?? 1;
  const allowed = desired > 0 ? desired + fenceposts(deployment).maxSurge : 0;
  const total = totalSize(active);
  const toAdd = allowed - total;
  const ordered = active.sort(bySize(toAdd > 0));

  let added = 0;
  const steps = ordered.map((replicaSet) => {
    const share = toAdd === 0 ? 0 : proportionOf(replicaSet, deployment, allowed, toAdd, added);
    added += share;
    return { replicaSet, replicas: sizeOf(replicaSet) + share };
  });
  // Rounding leaves a remainder, which goes to the largest.
  const [first] = steps;
  if (first && toAdd !== 0) first.replicas = Math.max(0, first.replicas + toAdd - added);
  return steps;
}

function proportionOf(
  replicaSet: ReplicaSet,
  deployment: Deployment,
  allowed: number,
  toAdd: number,
  added: number,
): number {
  const annotated = Number(replicaSet.metadata.annotations?.[MAX_REPLICAS]);
  // Without the annotation (an older or foreign ReplicaSet) the status tells how large the whole was.
  const formerMax = annotated > 0 ? annotated : (deployment.status?.replicas ?? 0) || allowed;
  const size = sizeOf(replicaSet);
  const fraction = Math.round((size * allowed) / formerMax) - size;
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}
