import { Counter } from './counter.ts';
import { exposition } from './exposition.ts';
import { Gauge } from './gauge.ts';
import { Histogram } from './histogram.ts';

export interface MetricOptions<L extends readonly string[]> {
  /** Upstream's name where upstream has the metric. */
  readonly name: string;
  readonly help: string;
  readonly labels?: L;
}

export interface HistogramOptions<L extends readonly string[]> extends MetricOptions<L> {
  /** Upper bounds, ascending, +Inf left out; Prometheus' default buckets unless told. */
  readonly buckets?: readonly number[];
}

export interface GaugeOptions<L extends readonly string[]> extends MetricOptions<L> {
  /** Called before each collection; for what is cheaper to read than to track. */
  readonly collect?: (gauge: Gauge<L>) => void;
}

export type Metric = Counter<readonly string[]> | Gauge<readonly string[]> | Histogram<readonly string[]>;

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
