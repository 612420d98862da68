import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { MetricsRegistry } from '../metrics/registry.ts';
import { metricProducer } from '../metrics/otel-producer.ts';
import { otelTracer } from './otel-tracer.ts';
import type { Telemetry } from './start-telemetry.ts';

/** Everything else (endpoint, protocol, headers, sampler, resource) is read from OpenTelemetry's variables by its SDK. */
export async function startOtel(name: string, metrics: MetricsRegistry): Promise<Telemetry> {
  const sdk = new NodeSDK({
    serviceName: process.env['OTEL_SERVICE_NAME'] ?? name,
    instrumentations: [],
    logRecordProcessors: [],
    metricReaders: [
      new PeriodicExportingMetricReader({
        exporter: await metricExporter(),
        exportIntervalMillis: Number(process.env['OTEL_METRIC_EXPORT_INTERVAL'] ?? 60_000),
        exportTimeoutMillis: Math.min(30_000, Number(process.env['OTEL_METRIC_EXPORT_INTERVAL'] ?? 60_000)),
        metricProducers: [metricProducer(name, metrics)],
      }),
    ],
  });
  sdk.start();
  return { tracer: otelTracer(name), shutdown: () => sdk.shutdown() };
}

async function metricExporter(): Promise<PushMetricExporter> {
  const protocol = process.env['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'] ?? process.env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  const { OTLPMetricExporter } =
    protocol === 'grpc'
      ? await import('@opentelemetry/exporter-metrics-otlp-grpc')
      : protocol === 'http/json'
        ? await import('@opentelemetry/exporter-metrics-otlp-http')
        : await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new OTLPMetricExporter();
}
