import type { Clock, MetricsRegistry } from '@pilothouse/component';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Upstream's buckets: from what has expired to what lasts a year. */
const REMAINING_SECONDS = [
  ...[0, HOUR / 2, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR],
  ...[1, 2, 4, 7, 30, 90, 180, 365].map((days) => days * DAY),
];

/** Told of every request that comes with a client certificate, so that one about to expire is seen in time. */
export function certificateExpiration(metrics: MetricsRegistry, clock: Clock): (expiresAtMs: number) => void {
  const remaining = metrics.histogram({
    name: 'apiserver_client_certificate_expiration_seconds',
    help: 'Distribution of the remaining lifetime on the certificate used to authenticate a request.',
    buckets: REMAINING_SECONDS,
  });
  const observed = remaining.with();
  return (expiresAtMs) => observed.observe((expiresAtMs - clock.now().getTime()) / 1000);
}
