import type { Node, Pod } from '@pilothouse/api';
import { tolerates } from '@pilothouse/controller';

/** `never`: stays. Otherwise milliseconds since the epoch when the pod must go. */
export type EvictionTime = 'never' | number;

/**
 * When the node's NoExecute taints drive the pod away: at once if one is not tolerated, after the shortest
 * `tolerationSeconds` if all are. A taint that does not say when it was added counts from `sinceMs`, when it was first seen
 * to concern the pod, and one that was there before the pod from when the pod came to the node. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export function planEviction(pod: Pod, node: Node, sinceMs: number, now: Date): EvictionTime {
  const taints = (node.spec.taints ?? []).filter((taint) => taint.effect === 'NoExecute');
  if (taints.length === 0) return 'never';
  let earliest: EvictionTime = 'never';
  for (const taint of taints) {
    // Of several tolerations that fit, the first one counts.
    const toleration = pod.spec.tolerations?.find((each) => tolerates(each, taint));
    if (toleration === undefined) return now.getTime();
    if (toleration.tolerationSeconds === undefined) continue;
    const start = taint.timeAdded ? Math.max(Date.parse(taint.timeAdded), assignedAtMs(pod)) : sinceMs;
    const due = start + Math.max(0, toleration.tolerationSeconds) * 1000;
    earliest = earliest === 'never' ? due : Math.min(earliest, due);
  }
  return earliest;
}

/** When the pod came to its node; the epoch when nobody has written it down. */
function assignedAtMs({ status, metadata }: Pod): number {
  const scheduled = status?.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'True');
  return Date.parse(scheduled?.lastTransitionTime ?? metadata?.creationTimestamp ?? '') || 0;
}
