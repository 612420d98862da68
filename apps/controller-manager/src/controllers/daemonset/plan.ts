import { scaledIntOrPercent } from '@pilothouse/apimachinery';
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '@pilothouse/api';
import { isPodAvailable, isPodReady, isPodTerminal } from '@pilothouse/controller';
import { REVISION_LABEL } from '../history/revisions.ts';
import { type FittedNode, targetNodeOf } from './node-fit.ts';

export interface DaemonPlan {
  /** Nodes that need a pod. */
  readonly create: readonly Node[];
  readonly delete: readonly Pod[];
  /** Failed pods, deleted so that they are made anew, which events tell. */
  readonly failed: readonly Pod[];
}

export type PodsByNode = ReadonlyMap<string, readonly Pod[]>;

export function groupByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = targetNodeOf(pod);
    const group = groups.get(node);
    if (group) group.push(pod);
    else groups.set(node, [pod]);
  }
  return groups;
}

/** Pods that have a node first, then the oldest. Upstream's podByCreationTimestampAndPhase. */
function byAge(a: Pod, b: Pod): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  const isBound = (pod: Pod): number => (pod.spec.nodeName ? 0 : 1);
  if (isBound(a) !== isBound(b)) return isBound(a) - isBound(b);
  if (left !== right) return left < right ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** One pod on each node that fits, none elsewhere. Mirrors podsShouldBeOnNode of pkg/controller/daemon. */
export function planPlacement(
  set: DaemonSet,
  nodes: readonly FittedNode[],
  pods: PodsByNode,
  hash: string,
  now: Date,
): DaemonPlan {
  const create: Node[] = [];
  const remove: Pod[] = [];
  const failed: Pod[] = [];
  const surges = surgeOf(set, nodes) > 0;
  for (const { node, shouldRun, shouldContinue } of nodes) {
    const own = pods.get(node.metadata.name ?? '') ?? [];
    if (!shouldContinue) {
      remove.push(...own.filter((pod) => !pod.metadata.deletionTimestamp));
      continue;
    }
    if (own.length === 0) {
      if (shouldRun) create.push(node);
      continue;
    }
    const running: Pod[] = [];
    for (const pod of own) {
      if (pod.metadata.deletionTimestamp) continue;
      if (isPodTerminal(pod)) failed.push(pod);
      else running.push(pod);
    }
    // A new pod for the node waits until what is going has gone.
    if (running.length > 1) remove.push(...surplus(running, surges, hash, set, now));
  }
  const known = new Set(nodes.map(({ node }) => node.metadata.name));
  for (const [name, own] of pods) {
    if (!known.has(name)) remove.push(...own.filter((pod) => !pod.metadata.deletionTimestamp && !pod.spec.nodeName));
  }
  return { create, delete: remove, failed };
}

/**
 * Without a surge only the oldest pod stays. During one a ready old pod stays beside the new one until that is available;
 * an old pod that is not ready serves nobody.
 */
function surplus(running: readonly Pod[], surges: boolean, hash: string, set: DaemonSet, now: Date): Pod[] {
  const sorted = [...running].sort(byAge);
  if (!surges) return sorted.slice(1);
  const fresh = sorted.find((pod) => pod.metadata.labels?.[REVISION_LABEL] === hash);
  const old = sorted.find((pod) => pod.metadata.labels?.[REVISION_LABEL] !== hash);
  const oldMayGo = !old || !isPodReady(old) || (fresh && isPodAvailable(fresh, set.spec.minReadySeconds ?? 0, now));
  return sorted.filter((pod) => pod !== fresh && (pod !== old || (fresh && oldMayGo)));
}

const desiredCount = (nodes: readonly FittedNode[]): number => nodes.filter(({ shouldRun }) => shouldRun).length;

function budget(value: number | string | undefined, total: number): number {
  const scaled = scaledIntOrPercent(value ?? 0, total, true);
  return scaled.ok ? scaled.value : 0;
}

function surgeOf(set: DaemonSet, nodes: readonly FittedNode[]): number {
  if (set.spec.updateStrategy?.type === 'OnDelete') return 0;
  return budget(set.spec.updateStrategy?.rollingUpdate?.maxSurge, desiredCount(nodes));
}

export interface UpdatePlan {
  readonly create: readonly Node[];
  readonly delete: readonly Pod[];
}

/** The next step of a rolling update: which old pods to delete, or beside which to surge. */
export function planRollingUpdate(
  set: DaemonSet,
  nodes: readonly FittedNode[],
  pods: PodsByNode,
  hash: string,
  now: Date,
): UpdatePlan {
  const fitting = nodes.filter(({ shouldRun }) => shouldRun).map(({ node }) => node);
  const maxSurge = surgeOf(set, nodes);
  const rolling = set.spec.updateStrategy?.rollingUpdate;
  const maxUnavailable = maxSurge > 0 ? 0 : budget(rolling?.maxUnavailable ?? 1, fitting.length);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const isFresh = (pod: Pod): boolean => pod.metadata.labels?.[REVISION_LABEL] === hash;
  const available = (pod: Pod): boolean => isPodAvailable(pod, minReadySeconds, now);

  if (maxSurge > 0) {
    const create: Node[] = [];
    const remove: Pod[] = [];
    let surging = 0;
    for (const node of fitting) {
      const own = (pods.get(node.metadata.name ?? '') ?? []).filter((pod) => !pod.metadata.deletionTimestamp);
      const [fresh, old] = [own.find(isFresh), own.find((pod) => !isFresh(pod))];
      if (!old) continue;
      if (fresh) {
        surging++;
        if (available(fresh)) remove.push(old);
      } else if (!available(old)) remove.push(old);
      else create.push(node);
    }
    return { create: create.slice(0, Math.max(0, maxSurge - surging)), delete: remove };
  }

  let unavailable = 0;
  const alreadyDown: Pod[] = [];
  const candidates: Pod[] = [];
  for (const node of fitting) {
    const own = pods.get(node.metadata.name ?? '') ?? [];
    const live = own.filter((pod) => !pod.metadata.deletionTimestamp);
    const pod = live[0];
    if (!pod) unavailable++;
    else if (isFresh(pod)) unavailable += available(pod) ? 0 : 1;
    else if (!available(pod)) {
      unavailable++;
      alreadyDown.push(pod); // replacing it costs nothing
    } else candidates.push(pod);
  }
  const room = Math.max(0, maxUnavailable - unavailable);
  return { create: [], delete: [...alreadyDown, ...candidates.slice(0, room)] };
}

export function planStatus(
  set: DaemonSet,
  nodes: readonly FittedNode[],
  pods: PodsByNode,
  hash: string,
  now: Date,
): DaemonSetStatus {
  let [desired, current, misscheduled, ready, available, updated] = [0, 0, 0, 0, 0, 0];
  for (const { node, shouldRun } of nodes) {
    const own = pods.get(node.metadata.name ?? '') ?? [];
    if (!shouldRun) {
      if (own.length > 0) misscheduled++;
      continue;
    }
    desired++;
    if (own.length === 0) continue;
    current++;
    // Where a surge has two, the older one counts.
    const [pod] = [...own].sort(byAge);
    if (pod && isPodReady(pod)) ready++;
    if (pod && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)) available++;
    if (pod?.metadata.labels?.[REVISION_LABEL] === hash) updated++;
  }
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    ...(set.metadata.generation ? { observedGeneration: set.metadata.generation } : {}),
    ...(updated ? { updatedNumberScheduled: updated } : {}),
    ...(available ? { numberAvailable: available } : {}),
    ...(desired - available ? { numberUnavailable: desired - available } : {}),
    ...(set.status?.collisionCount === undefined ? {} : { collisionCount: set.status.collisionCount }),
    ...(set.status?.conditions?.length ? { conditions: set.status.conditions } : {}),
  };
}
