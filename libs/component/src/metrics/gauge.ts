import type { MetricOptions } from './metric-options.ts';
import type { LabelValues } from './series.ts';
import { Series } from './series.ts';

export interface BoundGauge {
  value: number;
  set(value: number): void;
  add(by: number): void;
}

export interface GaugeOptions<L extends readonly string[]> extends MetricOptions<L> {
  /** Called before each collection; for what is cheaper to read than to track. */
  readonly collect?: (gauge: Gauge<L>) => void;
}

/** A number that goes up and down. */
export class Gauge<L extends readonly string[] = readonly []> {
  readonly type = 'gauge';
  readonly name: string;
  readonly help: string;
  readonly series: Series<L, BoundGauge>;
  readonly #collect: ((gauge: Gauge<L>) => void) | undefined;

  constructor({ name, help, labels, collect }: GaugeOptions<L>) {
    this.name = name;
    this.help = help;
    this.#collect = collect;
    this.series = new Series(labels ?? ([] as unknown as L), () => new GaugeChild());
    if (!labels?.length) this.series.with([] as unknown as LabelValues<L>);
  }

  with(...values: LabelValues<L>): BoundGauge {
    return this.series.with(values);
  }

  refresh(): void {
    this.#collect?.(this);
  }
}

class GaugeChild implements BoundGauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }

  add(by: number): void {
    this.value += by;
  }
}
