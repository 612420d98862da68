import type { QueuedPodInfo } from './queued-pod-info.ts';

export interface BackoffLimits {
  /** The first wait; each further one is twice as long. Upstream: 1 s. */
  readonly initialMs: number;
  /** Upstream: 10 s. */
  readonly maxMs: number;
}

/** When a pod may be tried again: after errors the count of errors in a row rules, else that of rejections in a row. */
export function backoffExpiryMs(pod: QueuedPodInfo, { initialMs, maxMs }: BackoffLimits): number {
  const failures = pod.consecutiveErrorsCount > 0 ? pod.consecutiveErrorsCount : pod.unschedulableCount;
  if (failures === 0) return pod.timestampMs;
  // 2^30 is beyond any maximum; it only keeps the number finite.
  return pod.timestampMs + Math.min(initialMs * 2 ** Math.min(failures - 1, 30), maxMs);
}
