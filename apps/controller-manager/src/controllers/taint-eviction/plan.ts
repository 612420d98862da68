import type { Node, Pod } from '@pilothouse/api';
import { tolerates } from '@pilothouse/controller';

/** `never`: stays. Otherwise milliseconds since the epoch when the pod must go. */
export type EvictionTime = 'never' | number;

/**
 * When the node's NoExecute taints drive the pod away: at once if one is not tolerated, after the shortest
 * `tolerationSeconds` if all are. A taint that does not say when it was added counts from `sinceMs`, when it was first seen
 * to concern the pod. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export function planEviction(pod: Pod, node: Node, sinceMs: number, now: Date): EvictionTime {
  const taints = (node.spec.taints ?? []).filter((taint) => taint.effect === 'NoExecute');
  if (taints.length === 0) return 'never';
  let earliest: EvictionTime = 'never';
  for (const taint of taints) {
    const tolerations = (pod.spec.tolerations ?? []).filter((each) => tolerates(each, taint));
    if (tolerations.length === 0) return now.getTime();
    const seconds = Math.min(...tolerations.map((each) => each.tolerationSeconds ?? Infinity));
    if (seconds === Infinity) continue;
    const start = taint.timeAdded ? Date.parse(taint.timeAdded) : sinceMs;
    const due = start + Math.max(0, seconds) * 1000;
    earliest = earliest === 'never' ? due : Math.min(earliest, due);
  }
  return earliest;
}
