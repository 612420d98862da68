import { MetricsRegistry } from '../metrics/registry.ts';
import type { HealthEndpoint } from './health.ts';
import type { HealthReport } from './run-checks.ts';

/**
 * What health checks found, for those who watch over service levels: pages of their own, scraped more often than the rest.
 * https://kubernetes.io/docs/reference/instrumentation/slis/
 */
export class HealthSlis {
  readonly #registry = new MetricsRegistry();
  readonly #state = this.#registry.gauge({
    name: 'kubernetes_healthcheck',
    help: 'This metric records the result of a single healthcheck.',
    labels: ['name', 'type'],
  });
  readonly #total = this.#registry.counter({
    name: 'kubernetes_healthchecks_total',
    help: 'This metric records the results of all healthcheck.',
    labels: ['name', 'status', 'type'],
  });

  observe(endpoint: HealthEndpoint, { asked, failures }: HealthReport): void {
    for (const name of asked) {
      const failed = failures.has(name);
      this.#state.with(name, endpoint).set(failed ? 0 : 1);
      this.#total.with(name, failed ? 'error' : 'success', endpoint).inc();
    }
  }

  expose(): string {
    return this.#registry.expose();
  }
}
