import type { ContainerStatus, Pod } from '@pilothouse/api';
import { isPodActive, isPodReady, podReadyCondition } from './pod-state.ts';

/** https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#pod-deletion-cost */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** One pod with all that decides its turn. */
interface Candidate {
  readonly pod: Pod;
  /** How many active related pods share its node. */
  readonly rank: number;
}

/**
 * Pods in the order in which a shrinking ReplicaSet deletes them: unassigned, not running, not ready, cheapest, most
 * crowded node, ready most recently, restarted most often, youngest. See upstream's ActivePodsWithRanks.
 */
export function rankPodsForDeletion(pods: readonly Pod[], relatedPods: readonly Pod[], now: Date): Pod[] {
  const onNode = new Map<string, number>();
  for (const pod of relatedPods) {
    if (isPodActive(pod)) onNode.set(nodeOf(pod), (onNode.get(nodeOf(pod)) ?? 0) + 1);
  }
  return pods
    .map((pod): Candidate => ({ pod, rank: onNode.get(nodeOf(pod)) ?? 0 }))
    .sort((a, b) => compareForDeletion(a, b, now))
    .map(({ pod }) => pod);
}

/** Pods in upstream's plainer order, without regard to nodes: for ReplicationControllers' and Jobs' pods. */
export function sortPodsForDeletion(pods: readonly Pod[], now: Date): Pod[] {
  return pods
    .map((pod): Candidate => ({ pod, rank: 0 }))
    .sort((a, b) => compareForDeletion(a, b, now))
    .map(({ pod }) => pod);
}

/** Negative: `a` goes first. The first difference decides. */
function compareForDeletion(a: Candidate, b: Candidate, now: Date): number {
  return (
    Number(nodeOf(a.pod) !== '') - Number(nodeOf(b.pod) !== '') ||
    phaseOrder(a.pod) - phaseOrder(b.pod) ||
    Number(isPodReady(a.pod)) - Number(isPodReady(b.pod)) ||
    deletionCost(a.pod) - deletionCost(b.pod) ||
    b.rank - a.rank ||
    (isPodReady(a.pod) ? compareAge(a.pod, b.pod, readySince(a.pod), readySince(b.pod), now) : 0) ||
    maxRestarts(b.pod, regularStatuses) - maxRestarts(a.pod, regularStatuses) ||
    maxRestarts(b.pod, sidecarStatuses) - maxRestarts(a.pod, sidecarStatuses) ||
    compareAge(a.pod, b.pod, created(a.pod), created(b.pod), now)
  );
}

/**
 * The younger first; but ages that differ by less than a power of two count as equal and are decided by uid, so that
 * scaling down does not always hit what was scaled up last (KEP-2185). A pod without a time is the youngest.
 */
function compareAge(a: Pod, b: Pod, aMs: number | undefined, bMs: number | undefined, now: Date): number {
  if (aMs === bMs) return 0;
  if (aMs === undefined || bMs === undefined) return aMs === undefined ? -1 : 1;
  const difference = ageRank(aMs, now) - ageRank(bMs, now);
  if (difference !== 0) return difference;
  return (a.metadata?.uid ?? '') < (b.metadata?.uid ?? '') ? -1 : 1;
}

/** Upstream takes the logarithm of nanoseconds; the unit only shifts where the classes begin. */
function ageRank(sinceMs: number, now: Date): number {
  const ageNs = (now.getTime() - sinceMs) * 1e6;
  return ageNs > 0 ? Math.trunc(Math.log2(ageNs)) : -1;
}

function nodeOf(pod: Pod): string {
  return pod.spec?.nodeName ?? '';
}

function phaseOrder(pod: Pod): number {
  return PHASE_ORDER[pod.status?.phase ?? ''] ?? 0;
}

/** An annotation that is no int32 counts as none. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata?.annotations?.[DELETION_COST] ?? '';
  return /^(0|-?[1-9][0-9]*)$/.test(text) && Math.abs(Number(text)) < 2 ** 31 ? Number(text) : 0;
}

function readySince(pod: Pod): number | undefined {
  return timeOf(podReadyCondition(pod)?.lastTransitionTime);
}

function created(pod: Pod): number | undefined {
  return timeOf(pod.metadata?.creationTimestamp);
}

function timeOf(text: string | null | undefined): number | undefined {
  return text ? Date.parse(text) : undefined;
}

function maxRestarts(pod: Pod, statusesOf: (pod: Pod) => readonly ContainerStatus[]): number {
  return Math.max(0, ...statusesOf(pod).map((status) => status.restartCount ?? 0));
}

function regularStatuses(pod: Pod): readonly ContainerStatus[] {
  return pod.status?.containerStatuses ?? [];
}

/** Init containers that run beside the others. */
function sidecarStatuses(pod: Pod): readonly ContainerStatus[] {
  const sidecars = new Set(
    pod.spec?.initContainers?.filter((each) => each.restartPolicy === 'Always').map((each) => each.name),
  );
  return pod.status?.initContainerStatuses?.filter((status) => sidecars.has(status.name)) ?? [];
}
