import type { MetricOptions } from './metric-options.ts';
import type { LabelValues } from './series.ts';
import { Series } from './series.ts';

export const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `count` bounds, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start * factor ** i);
}

export interface BoundHistogram {
  /** Per bucket, not cumulative; the last is everything above the highest bound. */
  readonly counts: Float64Array;
  sum: number;
  observe(value: number): void;
}

export interface HistogramOptions<L extends readonly string[]> extends MetricOptions<L> {
  /** Upper bounds, ascending, +Inf left out; Prometheus' default buckets unless told. */
  readonly buckets?: readonly number[];
}

/** How often values fell into each bucket. Durations are in seconds, as Prometheus wants them. */
export class Histogram<L extends readonly string[] = readonly []> {
  readonly type = 'histogram';
  readonly name: string;
  readonly help: string;
  readonly buckets: readonly number[];
  readonly series: Series<L, BoundHistogram>;

  constructor({ name, help, labels, buckets = DEFAULT_BUCKETS }: HistogramOptions<L>) {
    this.name = name;
    this.help = help;
    this.buckets = buckets;
    this.series = new Series(labels ?? ([] as unknown as L), () => new HistogramChild(buckets));
    if (!labels?.length) this.series.with([] as unknown as LabelValues<L>);
  }

  with(...values: LabelValues<L>): BoundHistogram {
    return this.series.with(values);
  }
}

class HistogramChild implements BoundHistogram {
  readonly counts: Float64Array;
  sum = 0;
  readonly #buckets: readonly number[];

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets;
    this.counts = new Float64Array(buckets.length + 1);
  }

  observe(value: number): void {
    const buckets = this.#buckets;
    let i = 0;
    while (i < buckets.length && value > buckets[i]!) i++;
    this.counts[i]!++;
    this.sum += value;
  }
}
