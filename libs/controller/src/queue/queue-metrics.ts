import { exponentialBuckets, type BoundGauge, type Clock, type MetricsRegistry } from '@pilothouse/component';
import type { QueueObserver } from './basic-queue.ts';

/** client-go's work queue metrics, under its names. */
export class QueueMetrics<K> implements QueueObserver<K> {
  readonly #clock: Clock;
  readonly #family: Family;
  readonly #name: string;
  readonly #depth: BoundGauge;
  readonly #addedAtMs = new Map<K, number>();
  readonly #startedAtMs = new Map<K, number>();

  constructor(registry: MetricsRegistry, name: string, clock: Clock) {
    this.#clock = clock;
    this.#name = name;
    this.#family = familyOf(registry);
    this.#depth = this.#family.depth.with(name);
    this.#family.queues.add(this);
  }

  added(key: K): void {
    this.#family.adds.with(this.#name).inc();
    this.#depth.add(1);
    if (!this.#addedAtMs.has(key)) this.#addedAtMs.set(key, this.#clock.monotonicMs());
  }

  taken(key: K): void {
    const nowMs = this.#clock.monotonicMs();
    this.#depth.add(-1);
    const addedAtMs = this.#addedAtMs.get(key);
    if (addedAtMs !== undefined) this.#family.queueDuration.with(this.#name).observe((nowMs - addedAtMs) / 1000);
    this.#addedAtMs.delete(key);
    this.#startedAtMs.set(key, nowMs);
  }

  finished(key: K): void {
    const startedAtMs = this.#startedAtMs.get(key);
    if (startedAtMs === undefined) return;
    this.#family.workDuration.with(this.#name).observe((this.#clock.monotonicMs() - startedAtMs) / 1000);
    this.#startedAtMs.delete(key);
  }

  retried(): void {
    this.#family.retries.with(this.#name).inc();
  }

  /** Work that is under way, read only when somebody scrapes. */
  collect(): void {
    const nowMs = this.#clock.monotonicMs();
    let [unfinishedMs, longestMs] = [0, 0];
    for (const startedAtMs of this.#startedAtMs.values()) {
      unfinishedMs += nowMs - startedAtMs;
      longestMs = Math.max(longestMs, nowMs - startedAtMs);
    }
    this.#family.unfinished.with(this.#name).set(unfinishedMs / 1000);
    this.#family.longestRunning.with(this.#name).set(longestMs / 1000);
  }
}

type Family = ReturnType<typeof register>;

const families = new WeakMap<MetricsRegistry, Family>();

function familyOf(registry: MetricsRegistry): Family {
  let family = families.get(registry);
  if (!family) families.set(registry, (family = register(registry)));
  return family;
}

function register(registry: MetricsRegistry) {
  const labels = ['name'] as const;
  const buckets = exponentialBuckets(1e-8, 10, 10);
  const queues = new Set<{ collect(): void }>();
  return {
    queues,
    depth: registry.gauge({ name: 'workqueue_depth', help: 'Current depth of workqueue', labels }),
    adds: registry.counter({ name: 'workqueue_adds_total', help: 'Total number of adds handled by workqueue', labels }),
    retries: registry.counter({
      name: 'workqueue_retries_total',
      help: 'Total number of retries handled by workqueue',
      labels,
    }),
    queueDuration: registry.histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long in seconds an item stays in workqueue before being requested.',
      labels,
      buckets,
    }),
    workDuration: registry.histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long in seconds processing an item from workqueue takes.',
      labels,
      buckets,
    }),
    unfinished: registry.gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: 'How many seconds of work has done that is in progress and has not been observed by work_duration. Large values indicate stuck threads.',
      labels,
      collect: () => queues.forEach((queue) => queue.collect()),
    }),
    longestRunning: registry.gauge({
      name: 'workqueue_longest_running_processor_seconds',
      help: 'How many seconds has the longest running processor for workqueue been running.',
      labels,
    }),
  };
}
