import {
  exponentialBuckets,
  type Clock,
  type Counter,
  type Histogram,
  type MetricsRegistry,
} from '@pilothouse/component';

const BUCKETS = exponentialBuckets(0.001, 2, 15);

interface MetricName {
  readonly name: string;
  readonly help: string;
}

/** Counts and times attempts by their result, as upstream does with authentication and authorization. */
export class AttemptMeter {
  readonly #clock: Clock;
  readonly #attempts: Counter<readonly ['result']>;
  readonly #duration: Histogram<readonly ['result']>;

  constructor(metrics: MetricsRegistry, clock: Clock, names: { attempts: MetricName; duration: MetricName }) {
    this.#clock = clock;
    this.#attempts = metrics.counter({ ...names.attempts, labels: ['result'] });
    this.#duration = metrics.histogram({ ...names.duration, labels: ['result'], buckets: BUCKETS });
  }

  /** What throws has the result `error`. */
  async measure<T>(attempt: () => T | Promise<T>, resultOf: (outcome: T) => string): Promise<T> {
    const startMs = this.#clock.monotonicMs();
    let result = 'error';
    try {
      const outcome = await attempt();
      result = resultOf(outcome);
      return outcome;
    } finally {
      this.#attempts.with(result).inc();
      this.#duration.with(result).observe((this.#clock.monotonicMs() - startMs) / 1000);
    }
  }
}
