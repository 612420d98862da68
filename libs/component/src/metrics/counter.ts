import type { MetricOptions } from './metric-options.ts';
import type { LabelValues } from './series.ts';
import { Series } from './series.ts';

export interface BoundCounter {
  value: number;
  inc(by?: number): void;
}

/** A number that only grows. `with(...)` picks the series; hold on to its result where it is hot. */
export class Counter<L extends readonly string[] = readonly []> {
  readonly type = 'counter';
  readonly name: string;
  readonly help: string;
  readonly series: Series<L, BoundCounter>;

  constructor({ name, help, labels }: MetricOptions<L>) {
    this.name = name;
    this.help = help;
    this.series = new Series(labels ?? ([] as unknown as L), () => new CounterChild());
    if (!labels?.length) this.series.with([] as unknown as LabelValues<L>);
  }

  with(...values: LabelValues<L>): BoundCounter {
    return this.series.with(values);
  }
}

class CounterChild implements BoundCounter {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }
}
