import type { Counter } from './counter.ts';
import type { Gauge } from './gauge.ts';
import type { Histogram } from './histogram.ts';

export type Metric = Counter<readonly string[]> | Gauge<readonly string[]> | Histogram<readonly string[]>;
