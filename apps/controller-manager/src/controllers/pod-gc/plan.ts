import type { Node, Pod } from '@pilothouse/api';
import { isPodTerminal } from '@pilothouse/controller';

/** Why a pod is collected; decides what is written on it first. */
export type Collection = {
  readonly pod: Pod;
  readonly why: 'terminated' | 'orphaned' | 'unscheduled-terminating' | 'out-of-service';
};

/** A node missing for this long is taken as gone: its pods will never report again. */
export const QUARANTINE_MS = 40_000;

/**
 * Pods that nobody else will remove: of a node that is gone, terminating before they were scheduled, on a node
 * declared out of service, and finished pods above the threshold, oldest first. Mirrors pkg/controller/podgc.
 *
 * `goneNodes` are names of nodes missing for the whole quarantine.
 */
export function planCollections(
  pods: readonly Pod[],
  nodes: ReadonlyMap<string, Node>,
  goneNodes: ReadonlySet<string>,
  threshold: number,
): Collection[] {
  const collections: Collection[] = [];
  const seen = new Set<Pod>();
  const collect = (pod: Pod, why: Collection['why']): void => {
    if (!seen.has(pod)) collections.push({ pod, why });
    seen.add(pod);
  };
  const finished = pods.filter(isPodTerminal);
  if (threshold > 0 && finished.length > threshold) {
    const oldestFirst = [...finished].sort((a, b) => evictionOrder(a, b));
    for (const pod of oldestFirst.slice(0, finished.length - threshold)) collect(pod, 'terminated');
  }
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    const node = nodeName ? nodes.get(nodeName) : undefined;
    if (nodeName && goneNodes.has(nodeName)) collect(pod, 'orphaned');
    else if (pod.metadata.deletionTimestamp && !nodeName) collect(pod, 'unscheduled-terminating');
    else if (pod.metadata.deletionTimestamp && node && !isReady(node) && isOutOfService(node))
      collect(pod, 'out-of-service');
  }
  return collections;
}

const evictedFirst = (pod: Pod): number => (pod.status?.reason === 'Evicted' ? 0 : 1);

function evictionOrder(a: Pod, b: Pod): number {
  const before = (left = '', right = ''): number => (left < right ? -1 : left > right ? 1 : 0);
  return (
    evictedFirst(a) - evictedFirst(b) ||
    before(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    before(a.metadata.name, b.metadata.name)
  );
}

const isReady = (node: Node): boolean =>
  node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;

const isOutOfService = (node: Node): boolean =>
  node.spec.taints?.some((taint) => taint.key === 'node.kubernetes.io/out-of-service') === true;
