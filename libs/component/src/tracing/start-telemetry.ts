import type { Logger } from '../logger.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import { noTracer } from './tracer.ts';
import type { Tracer } from './tracer.ts';

export interface Telemetry {
  readonly tracer: Tracer;
  /** Sends what is still buffered. */
  shutdown(): Promise<void>;
}

const OFF: Telemetry = { tracer: noTracer, shutdown: async () => undefined };

const ENDPOINT_VARIABLES = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
];

/**
 * Traces and metrics go out over OTLP when an endpoint is set by OpenTelemetry's own environment variables; otherwise
 * its SDK (40 MB, 200 ms) is not loaded at all.
 */
export async function startTelemetry(name: string, metrics: MetricsRegistry, logger: Logger): Promise<Telemetry> {
  if (!ENDPOINT_VARIABLES.some((variable) => process.env[variable])) return OFF;
  const { startOtel } = await import('./otel.ts');
  logger.info({ endpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] }, 'Sending traces and metrics over OTLP');
  return startOtel(name, metrics);
}
