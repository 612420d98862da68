import { Counter } from './counter.ts';
import { exposition } from './exposition.ts';
import { Gauge, type GaugeOptions } from './gauge.ts';
import { Histogram, type HistogramOptions } from './histogram.ts';
import type { Metric } from './metric.ts';
import type { MetricOptions } from './metric-options.ts';

/**
 * A process's metrics. Kept as plain numbers, because a request touches several and an idle process should stay small:
 * the OpenTelemetry SDK (20 MB, 1.5 µs a recording) reads them through a metric producer only when an endpoint is set.
 */
export class MetricsRegistry {
  readonly #metrics = new Map<string, Metric>();

  counter<const L extends readonly string[] = readonly []>(options: MetricOptions<L>): Counter<L> {
    return this.#add(new Counter<L>(options));
  }

  gauge<const L extends readonly string[] = readonly []>(options: GaugeOptions<L>): Gauge<L> {
    return this.#add(new Gauge<L>(options));
  }

  histogram<const L extends readonly string[] = readonly []>(options: HistogramOptions<L>): Histogram<L> {
    return this.#add(new Histogram<L>(options));
  }

  /** Every metric, by name, gauges freshly collected. */
  collect(): Metric[] {
    const metrics = [...this.#metrics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const metric of metrics) if (metric.type === 'gauge') metric.refresh();
    return metrics;
  }

  /** The text that Prometheus scrapes. */
  expose(): string {
    return exposition(this.collect());
  }

  #add<M extends { readonly name: string }>(metric: M): M {
    if (this.#metrics.has(metric.name)) throw new Error(`metric ${metric.name} is registered twice`);
    this.#metrics.set(metric.name, metric as unknown as Metric);
    return metric;
  }
}
