import type { MetricsRegistry } from '@pilothouse/component';

export type ReconcileResultLabel = 'success' | 'requeue_after' | 'error';

export interface ReconcileMetrics {
  observe(controller: string, result: ReconcileResultLabel, seconds: number): void;
}

const registered = new WeakMap<MetricsRegistry, ReconcileMetrics>();

/** controller-runtime's metrics of reconciles, under its names, shared by all controllers of a process. */
export function reconcileMetrics(registry: MetricsRegistry): ReconcileMetrics {
  let metrics = registered.get(registry);
  if (!metrics) registered.set(registry, (metrics = register(registry)));
  return metrics;
}

function register(registry: MetricsRegistry): ReconcileMetrics {
  const total = registry.counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Total number of reconciliations per controller',
    labels: ['controller', 'result'],
  });
  const duration = registry.histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Length of time per reconciliation per controller',
    labels: ['controller'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60],
  });
  return {
    observe(controller, result, seconds) {
      total.with(controller, result).inc();
      duration.with(controller).observe(seconds);
    },
  };
}
