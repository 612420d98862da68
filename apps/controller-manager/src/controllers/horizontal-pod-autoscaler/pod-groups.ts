import type { Pod } from '@pilothouse/api';

/** One pod's value, in thousandths, over a window that ended at `timestampMs`. */
export interface PodMetric {
  readonly timestampMs: number;
  readonly windowMs: number;
  readonly value: number;
}

/** By pod name. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

export interface PodGroups {
  readonly readyCount: number;
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

export interface ReadinessOptions {
  /** For so long after its start, CPU of a pod counts only once a whole window of it was measured while ready. */
  readonly cpuInitializationPeriodMs: number;
  /** A pod that became unready for the last time this soon after its start has never been ready. */
  readonly initialReadinessDelayMs: number;
}

/**
 * Which pods' metrics can be believed. https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
 */
export function groupPods(
  pods: readonly Pod[],
  metrics: PodMetrics,
  isCpu: boolean,
  options: ReadinessOptions,
  nowMs: number,
): PodGroups {
  const unready = new Set<string>();
  const missing = new Set<string>();
  const ignored = new Set<string>();
  let readyCount = 0;
  for (const pod of pods) {
    const name = pod.metadata.name ?? '';
    const metric = metrics.get(name);
    if (pod.metadata.deletionTimestamp || pod.status?.phase === 'Failed') ignored.add(name);
    else if (pod.status?.phase === 'Pending') unready.add(name);
    else if (!metric) missing.add(name);
    else if (isCpu && isUnready(pod, metric, options, nowMs)) unready.add(name);
    else readyCount++;
  }
  return { readyCount, unready, missing, ignored };
}

function isUnready({ status }: Pod, metric: PodMetric, options: ReadinessOptions, nowMs: number): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || !status?.startTime) return true;
  const startedMs = Date.parse(status.startTime);
  const changedMs = Date.parse(ready.lastTransitionTime ?? '') || 0;
  if (startedMs + options.cpuInitializationPeriodMs > nowMs) {
    return ready.status === 'False' || metric.timestampMs < changedMs + metric.windowMs;
  }
  return ready.status === 'False' && startedMs + options.initialReadinessDelayMs > changedMs;
}
