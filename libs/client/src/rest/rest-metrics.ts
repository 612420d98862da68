import type { MetricsRegistry } from '@pilothouse/component';

/** client-go's metrics of its requests, under its names. */
export interface RestMetrics {
  /** `code` is the HTTP status, or `<error>` when there was no answer. */
  observe(method: string, code: string, seconds: number): void;
  retried(method: string, code: string): void;
}

const registered = new WeakMap<MetricsRegistry, (host: string) => RestMetrics>();

/** The request metrics of a process, shared by all its clients. */
export function restMetrics(registry: MetricsRegistry, host: string): RestMetrics {
  let forHost = registered.get(registry);
  if (!forHost) registered.set(registry, (forHost = register(registry)));
  return forHost(host);
}

function register(registry: MetricsRegistry): (host: string) => RestMetrics {
  const requests = registry.counter({
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labels: ['code', 'host', 'method'],
  });
  const retries = registry.counter({
    name: 'rest_client_request_retries_total',
    help: 'Number of request retries, partitioned by status code, verb, and host.',
    labels: ['code', 'host', 'verb'],
  });
  const duration = registry.histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Request latency in seconds. Broken down by verb, and host.',
    labels: ['host', 'verb'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
  });
  return (host) => ({
    observe(method, code, seconds) {
      requests.with(code, host, method).inc();
      duration.with(host, method).observe(seconds);
    },
    retried: (method, code) => retries.with(code, host, method).inc(),
  });
}
