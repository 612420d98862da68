import type { Metric } from './metric.ts';

type Labels = [name: string, value: string][];

/** Prometheus' text format 0.0.4. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function exposition(metrics: readonly Metric[]): string {
  const lines: string[] = [];
  for (const metric of metrics) {
    const before = lines.length;
    lines.push(`# HELP ${metric.name} ${escapeHelp(metric.help)}`, `# TYPE ${metric.name} ${metric.type}`);
    const header = lines.length;
    pushSeries(lines, metric);
    // Like client_golang: a metric nobody has touched yet is not shown.
    if (lines.length === header) lines.length = before;
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function pushSeries(lines: string[], metric: Metric): void {
  if (metric.type !== 'histogram') {
    for (const [labels, { value }] of metric.series.entries()) lines.push(sample(metric.name, labels, value));
    return;
  }
  for (const [labels, { counts, sum }] of metric.series.entries()) {
    let cumulative = 0;
    counts.forEach((count, i) => {
      cumulative += count;
      const bound: [string, string] = ['le', i < metric.buckets.length ? number(metric.buckets[i]!) : '+Inf'];
      lines.push(sample(`${metric.name}_bucket`, [...labels, bound], cumulative));
    });
    lines.push(sample(`${metric.name}_sum`, labels, sum), sample(`${metric.name}_count`, labels, cumulative));
  }
}

function sample(name: string, labels: Labels, value: number): string {
  if (labels.length === 0) return `${name} ${number(value)}`;
  return `${name}{${labels.map(([key, each]) => `${key}="${escapeValue(each)}"`).join(',')}} ${number(value)}`;
}

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
