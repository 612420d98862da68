import { ValueType } from '@opentelemetry/api';
import type { HrTime } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram as HistogramPoint, MetricData, MetricProducer } from '@opentelemetry/sdk-metrics';
import type { Metric } from './metric.ts';
import type { MetricsRegistry } from './registry.ts';

/** Hands our registry to OpenTelemetry's SDK whenever it collects; the SDK adds the resource and sends it. */
export function metricProducer(scope: string, metrics: MetricsRegistry): MetricProducer {
  const startTime = hrTime(Date.now());
  return {
    async collect() {
      const endTime = hrTime(Date.now());
      const data = metrics.collect().map((metric) => metricData(metric, startTime, endTime));
      return {
        errors: [],
        resourceMetrics: {
          resource: emptyResource(),
          scopeMetrics: [{ scope: { name: scope }, metrics: data }],
        },
      };
    },
  };
}

function metricData(metric: Metric, startTime: HrTime, endTime: HrTime): MetricData {
  const common = {
    descriptor: { name: metric.name, description: metric.help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const point = <T>(labels: [string, string][], value: T): DataPoint<T> => ({
    startTime,
    endTime,
    attributes: Object.fromEntries(labels),
    value,
  });
  switch (metric.type) {
    case 'counter': {
      const dataPoints = [...metric.series.entries()].map(([labels, { value }]) => point(labels, value));
      return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
    }
    case 'gauge': {
      const dataPoints = [...metric.series.entries()].map(([labels, { value }]) => point(labels, value));
      return { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
    }
    case 'histogram': {
      const dataPoints = [...metric.series.entries()].map(([labels, { counts, sum }]) =>
        point<HistogramPoint>(labels, {
          buckets: { boundaries: [...metric.buckets], counts: [...counts] },
          sum,
          count: counts.reduce((total, each) => total + each, 0),
        }),
      );
      return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
    }
  }
}

function hrTime(epochMs: number): HrTime {
  return [Math.floor(epochMs / 1000), (epochMs % 1000) * 1e6];
}
