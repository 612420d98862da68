import type { Clock, MetricsRegistry } from '@pilothouse/component';
import type { Operation } from './attributes.ts';

/** What upstream calls the two passes. */
export type Pass = 'admit' | 'validate';

const LABELS = ['name', 'type', 'operation', 'rejected'] as const;
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
const WEBHOOK_BUCKETS = [...BUCKETS, 10, 25];

/**
 * How long admission takes: all of it, each plugin and each webhook.
 * Stable metrics of https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
export class AdmissionMetrics {
  readonly #clock: Clock;
  readonly #steps;
  readonly #controllers;
  readonly #webhooks;

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#steps = metrics.histogram({
      name: 'apiserver_admission_step_admission_duration_seconds',
      help: 'Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
      labels: ['type', 'operation', 'rejected'],
      buckets: BUCKETS,
    });
    this.#controllers = metrics.histogram({
      name: 'apiserver_admission_controller_admission_duration_seconds',
      help: 'Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
      labels: LABELS,
      buckets: BUCKETS,
    });
    this.#webhooks = metrics.histogram({
      name: 'apiserver_admission_webhook_admission_duration_seconds',
      help: 'Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
      labels: LABELS,
      buckets: WEBHOOK_BUCKETS,
    });
  }

  step(pass: Pass, operation: Operation, run: () => Promise<void>): Promise<void> {
    return this.#time(run, (rejected, seconds) => this.#steps.with(pass, operation, rejected).observe(seconds));
  }

  controller(name: string, pass: Pass, operation: Operation, run: () => Promise<void> | void): Promise<void> {
    return this.#time(run, (rejected, seconds) =>
      this.#controllers.with(name, pass, operation, rejected).observe(seconds),
    );
  }

  /** `validating` is upstream's word here, where it says `validate` of plugins. */
  webhook<T>(name: string, type: 'admit' | 'validating', operation: Operation, run: () => Promise<T>): Promise<T> {
    return this.#time(run, (rejected, seconds) =>
      this.#webhooks.with(name, type, operation, rejected).observe(seconds),
    );
  }

  async #time<T>(run: () => Promise<T> | T, observe: (rejected: string, seconds: number) => void): Promise<T> {
    const startMs = this.#clock.monotonicMs();
    let rejected = 'true';
    try {
      const result = await run();
      rejected = 'false';
      return result;
    } finally {
      observe(rejected, (this.#clock.monotonicMs() - startMs) / 1000);
    }
  }
}
