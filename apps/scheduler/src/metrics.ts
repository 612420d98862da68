import { exponentialBuckets, type MetricsRegistry } from '@pilothouse/component';
import type { QueueCounts } from './queue/queue-counts.ts';

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error';

/** Where the numbers that are read rather than counted come from. */
export interface MetricSources {
  queueCounts(): QueueCounts;
  cacheCounts(): { nodes: number; pods: number; assumedPods: number };
}

/** The scheduler's metrics, by upstream's names. */
export class SchedulerMetrics {
  readonly preemptionAttempts;
  readonly preemptionVictims;
  readonly goroutines;
  readonly #attempts;
  readonly #attemptDuration;
  readonly #algorithmDuration;
  readonly #podAttempts;
  readonly #sliDuration;
  readonly #queueIncoming;
  #sources: MetricSources | undefined;

  constructor(registry: MetricsRegistry) {
    this.#attempts = registry.counter({
      name: 'scheduler_schedule_attempts_total',
      help: "Number of attempts to schedule pods, by the result. 'unschedulable' means a pod could not be scheduled, while 'error' means an internal scheduler problem.",
      labels: ['profile', 'result'],
    });
    this.#attemptDuration = registry.histogram({
      name: 'scheduler_scheduling_attempt_duration_seconds',
      help: 'Scheduling attempt latency in seconds (scheduling algorithm + binding)',
      labels: ['profile', 'result'],
      buckets: exponentialBuckets(0.001, 2, 15),
    });
    this.#algorithmDuration = registry.histogram({
      name: 'scheduler_scheduling_algorithm_duration_seconds',
      help: 'Scheduling algorithm latency in seconds',
      buckets: exponentialBuckets(0.00001, 2, 18),
    });
    this.#podAttempts = registry.histogram({
      name: 'scheduler_pod_scheduling_attempts',
      help: 'Number of attempts to successfully schedule a pod.',
      buckets: exponentialBuckets(1, 2, 5),
    });
    this.#sliDuration = registry.histogram({
      name: 'scheduler_pod_scheduling_sli_duration_seconds',
      help: 'E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue and might involve multiple scheduling attempts.',
      labels: ['attempts'],
      buckets: exponentialBuckets(0.01, 2, 20),
    });
    this.preemptionVictims = registry.histogram({
      name: 'scheduler_preemption_victims',
      help: 'Number of selected preemption victims',
      buckets: exponentialBuckets(1, 2, 7),
    });
    this.preemptionAttempts = registry.counter({
      name: 'scheduler_preemption_attempts_total',
      help: 'Total preemption attempts in the cluster till now',
    });
    this.#queueIncoming = registry.counter({
      name: 'scheduler_queue_incoming_pods_total',
      help: 'Number of pods added to scheduling queues by event and queue type.',
      labels: ['event', 'queue'],
    });
    this.goroutines = registry.gauge({
      name: 'scheduler_goroutines',
      help: 'Number of binding cycles under way.',
      labels: ['operation'],
    });
    registry.gauge({
      name: 'scheduler_pending_pods',
      help: "Number of pending pods, by the queue type. 'active' means number of pods in activeQ; 'backoff' means number of pods in backoffQ; 'unschedulable' means number of pods in unschedulablePods that the scheduler attempted to schedule and failed; 'gated' is the number of unschedulable pods that the scheduler never attempted to schedule because they are gated.",
      labels: ['queue'],
      collect: (gauge) => {
        for (const [queue, count] of Object.entries(this.#sources?.queueCounts() ?? {})) gauge.with(queue).set(count);
      },
    });
    registry.gauge({
      name: 'scheduler_cache_size',
      help: 'Number of nodes, pods, and assumed (bound) pods in the scheduler cache.',
      labels: ['type'],
      collect: (gauge) => {
        const counts = this.#sources?.cacheCounts() ?? { nodes: 0, pods: 0, assumedPods: 0 };
        gauge.with('nodes').set(counts.nodes);
        gauge.with('pods').set(counts.pods);
        gauge.with('assumed_pods').set(counts.assumedPods);
      },
    });
  }

  readFrom(sources: MetricSources): void {
    this.#sources = sources;
  }

  attempted(result: AttemptResult, profile: string, durationMs: number): void {
    this.#attempts.with(profile, result).inc();
    this.#attemptDuration.with(profile, result).observe(durationMs / 1000);
  }

  algorithmRan(durationMs: number): void {
    this.#algorithmDuration.with().observe(durationMs / 1000);
  }

  /** A pod is bound, `attempts` after it came, `durationMs` after the first. */
  podScheduled(attempts: number, durationMs: number): void {
    this.#podAttempts.with().observe(attempts);
    this.#sliDuration.with(attempts >= 15 ? '15+' : String(attempts)).observe(durationMs / 1000);
  }

  queueIncoming(queue: keyof QueueCounts, event: string): void {
    this.#queueIncoming.with(event, queue).inc();
  }
}
