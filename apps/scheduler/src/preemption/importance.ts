import type { PodInfo } from '../cache/pod-info.ts';

/** The more important first: by priority, then by how long it has been running. */
export function byImportance(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startTimeMs(a) - startTimeMs(b);
}

/** When the pod was started; a pod that was not yet counts as started last. */
export function startTimeMs({ pod }: PodInfo): number {
  return pod.status?.startTime ? Date.parse(pod.status.startTime) : Number.MAX_SAFE_INTEGER;
}
