import type { autoscalingV2, HorizontalPodAutoscaler } from '@pilothouse/api';
import type { EventRecorder } from '@pilothouse/client';
import { computeMetric, type ComputedMetric, type MetricInput } from './compute-metric.ts';
import { metricName } from './metric-name.ts';

export interface MetricsOutcome {
  /** Undefined when nothing can be decided: `error` says why. */
  readonly replicas: number | undefined;
  /** The metric that asks for most. */
  readonly name: string;
  readonly statuses: readonly autoscalingV2.MetricStatus[];
  readonly scalingActive: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string };
  /** Also set when only some of the metrics failed. */
  readonly error: string | undefined;
}

interface Failure {
  readonly reason: string;
  readonly message: string;
}

/**
 * The most that any metric asks for. With a metric that fails nothing is scaled down: what it would have said is not
 * known.
 */
export async function computeMetrics(
  autoscaler: HorizontalPodAutoscaler,
  input: MetricInput,
  recorder: EventRecorder,
): Promise<MetricsOutcome> {
  const specs = autoscaler.spec?.metrics ?? [];
  const failures: Failure[] = [];
  const statuses: autoscalingV2.MetricStatus[] = [];
  let best: { readonly replicas: number; readonly name: string } | undefined;
  for (const spec of specs) {
    try {
      const computed: ComputedMetric = await computeMetric(spec, input);
      statuses.push(computed.status);
      if (!best || computed.replicas > best.replicas) best = { replicas: computed.replicas, name: metricName(spec) };
    } catch (error) {
      const failure = { reason: `FailedGet${spec.type}Metric`, message: (error as Error).message };
      recorder.event(autoscaler, 'Warning', failure.reason, failure.message);
      failures.push(failure);
    }
  }
  const [first] = failures;
  const error =
    first && `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${first.message}`;
  if (!best || (first && best.replicas < (input.scale.spec?.replicas ?? 0))) {
    const message = `the HPA was unable to compute the replica count: ${first?.message ?? 'no metrics'}`;
    const scalingActive = { status: 'False', reason: first?.reason ?? 'InvalidMetricSourceType', message } as const;
    return { replicas: undefined, name: '', statuses, scalingActive, error: error ?? message };
  }
  const message = `the HPA was able to successfully calculate a replica count from ${best.name}`;
  const scalingActive = { status: 'True', reason: 'ValidMetricFound', message } as const;
  return { ...best, statuses, scalingActive, error };
}
