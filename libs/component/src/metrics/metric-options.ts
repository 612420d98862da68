export interface MetricOptions<L extends readonly string[]> {
  /** Upstream's name where upstream has the metric. */
  readonly name: string;
  readonly help: string;
  readonly labels?: L;
}
