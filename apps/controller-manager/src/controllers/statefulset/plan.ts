import { scaledIntOrPercent } from '@pilothouse/apimachinery';
import type { Pod, StatefulSet, StatefulSetStatus } from '@pilothouse/api';
import { isPodAvailable, isPodReady } from '@pilothouse/controller';
import { REVISION_LABEL } from '../history/revisions.ts';
import { isInRange, ordinalOf, repairedPod, startOrdinal } from './pod.ts';

export type StatefulSetAction =
  | { readonly type: 'create'; readonly ordinal: number; readonly revision: string }
  /** A pod that cannot start for want of its claims. */
  | { readonly type: 'create-claims'; readonly ordinal: number }
  /** The pod as it should be. */
  | { readonly type: 'repair'; readonly pod: Pod }
  | { readonly type: 'delete'; readonly pod: Pod; readonly why: 'failed' | 'scale-down' | 'update' };

/** Names of ControllerRevisions, as they stand on pods and in the status. */
export interface Revisions {
  /** The revision that pods had before the update. */
  readonly current: string;
  readonly update: string;
}

const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);
const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
const revisionOf = (pod: Pod): string => pod.metadata.labels?.[REVISION_LABEL] ?? '';

/**
 * What to do next. With the OrderedReady policy that is at most one thing, and nothing at all while a pod before it is
 * not ready: pods come up in order, go down in reverse order, and are updated from the last to the first. Mirrors
 * updateStatefulSet of pkg/controller/statefulset/stateful_set_control.go.
 */
export function planActions(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  now: Date,
): StatefulSetAction[] {
  const start = startOrdinal(set);
  const replicas = set.spec.replicas ?? 1;
  const monotonic = set.spec.podManagementPolicy !== 'Parallel';
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const isAvailable = (pod: Pod): boolean => isRunningAndReady(pod) && isPodAvailable(pod, minReadySeconds, now);
  const byOrdinal = new Map<number, Pod>();
  const condemned: { pod: Pod; ordinal: number }[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (isInRange(set, pod)) byOrdinal.set(ordinal, pod);
    else condemned.push({ pod, ordinal });
  }
  if (set.metadata.deletionTimestamp) return [];

  const actions: StatefulSetAction[] = [];
  for (let ordinal = start; ordinal < start + replicas; ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (!pod) {
      actions.push({ type: 'create', ordinal, revision: revisionFor(set, ordinal, revisions) });
      if (monotonic) return actions;
      continue;
    }
    if (isFinished(pod)) {
      if (!isTerminating(pod)) actions.push({ type: 'delete', pod, why: 'failed' });
      if (monotonic) return actions;
      continue;
    }
    if (pod.status?.phase === 'Pending' && !isTerminating(pod)) actions.push({ type: 'create-claims', ordinal });
    if (monotonic && (isTerminating(pod) || !isAvailable(pod))) return actions;
    const repaired = isTerminating(pod) ? undefined : repairedPod(set, pod, ordinal);
    if (repaired) actions.push({ type: 'repair', pod: repaired });
  }

  condemned.sort((a, b) => b.ordinal - a.ordinal);
  const firstUnhealthy = findFirstUnhealthy(byOrdinal, condemned);
  for (const { pod } of condemned) {
    if (isTerminating(pod)) {
      if (monotonic) return actions;
      continue;
    }
    // An unhealthy pod blocks scaling down, unless it is the very one to go.
    if (monotonic && !isRunningAndReady(pod) && pod !== firstUnhealthy) return actions;
    if (monotonic && isRunningAndReady(pod) && !isAvailable(pod) && pod !== firstUnhealthy) return actions;
    actions.push({ type: 'delete', pod, why: 'scale-down' });
    if (monotonic) return actions;
  }
  actions.push(...planUpdate(set, byOrdinal, revisions, isAvailable));
  return actions;
}

function findFirstUnhealthy(
  byOrdinal: ReadonlyMap<number, Pod>,
  condemned: readonly { pod: Pod; ordinal: number }[],
): Pod | undefined {
  const all = [...[...byOrdinal].map(([ordinal, pod]) => ({ ordinal, pod })), ...condemned].sort(
    (a, b) => a.ordinal - b.ordinal,
  );
  return all.find(({ pod }) => !isRunningAndReady(pod) || isTerminating(pod))?.pod;
}

const partitionOf = (set: StatefulSet): number => set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;

/** Below the partition new pods get the old revision, so that a canary stays one. */
function revisionFor(set: StatefulSet, ordinal: number, { current, update }: Revisions): string {
  if (set.spec.updateStrategy?.type === 'OnDelete') return update;
  return ordinal < startOrdinal(set) + partitionOf(set) ? current : update;
}

function planUpdate(
  set: StatefulSet,
  byOrdinal: ReadonlyMap<number, Pod>,
  { update }: Revisions,
  isAvailable: (pod: Pod) => boolean,
): StatefulSetAction[] {
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  const ordinals = [...byOrdinal.keys()]
    .sort((a, b) => b - a)
    .filter((ordinal) => ordinal >= startOrdinal(set) + partitionOf(set));
  let unavailable = [...byOrdinal.values()].filter((pod) => isTerminating(pod) || !isAvailable(pod)).length;
  const budget = maxUnavailable(set);
  const actions: StatefulSetAction[] = [];
  for (const ordinal of ordinals) {
    const pod = byOrdinal.get(ordinal)!;
    if (revisionOf(pod) === update || isTerminating(pod)) {
      if (budget === 1 && (isTerminating(pod) || !isAvailable(pod))) return actions;
      continue;
    }
    const isDown = !isAvailable(pod);
    if (!isDown && unavailable >= budget) return actions;
    actions.push({ type: 'delete', pod, why: 'update' });
    if (!isDown) unavailable++;
    if (unavailable >= budget) return actions;
  }
  return actions;
}

function maxUnavailable(set: StatefulSet): number {
  const value = set.spec.updateStrategy?.rollingUpdate?.maxUnavailable;
  if (value === undefined) return 1;
  const scaled = scaledIntOrPercent(value, set.spec.replicas ?? 1, true);
  return scaled.ok ? Math.max(1, scaled.value) : 1;
}

export function planStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  collisionCount: number,
  now: Date,
): StatefulSetStatus {
  const own = pods.filter((pod) => ordinalOf(set, pod) !== undefined);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const ready = own.filter(isRunningAndReady);
  const updated = own.filter((pod) => revisionOf(pod) === revisions.update && !isTerminating(pod)).length;
  const current = own.filter((pod) => revisionOf(pod) === revisions.current && !isTerminating(pod)).length;
  const available = ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length;
  const isComplete =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    [updated, ready.length, own.length].every((count) => count === (set.spec.replicas ?? 1));
  const [currentReplicas, currentRevision] = isComplete ? [updated, revisions.update] : [current, revisions.current];
  return {
    ...(set.metadata.generation ? { observedGeneration: set.metadata.generation } : {}),
    replicas: own.length,
    ...(ready.length ? { readyReplicas: ready.length } : {}),
    ...(currentReplicas ? { currentReplicas } : {}),
    ...(updated ? { updatedReplicas: updated } : {}),
    currentRevision,
    updateRevision: revisions.update,
    collisionCount,
    ...(set.status?.conditions?.length ? { conditions: set.status.conditions } : {}),
    availableReplicas: available,
  };
}
