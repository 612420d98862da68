import { tooManyRequests } from '@pilothouse/apimachinery';
import type { MetricsRegistry } from '@pilothouse/component';
import type { Filter } from '../request.ts';

const READ_ONLY = new Set(['get', 'list', 'watch']);
const RETRY_AFTER_SECONDS = 1;

export interface InFlightLimits {
  /** 0: no limit. */
  readonly readOnly: number;
  readonly mutating: number;
}

/**
 * Refuses what is too much at once, so that what is under way still finishes. Watches and streams do not count, and
 * the most privileged are always let in, to repair what is wrong.
 */
export function limitInFlight(limits: InFlightLimits, metrics: MetricsRegistry): Filter {
  const inFlight = { readOnly: 0, mutating: 0 };
  metrics.gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
    labels: ['request_kind'],
    collect(gauge) {
      gauge.with('readOnly').set(inFlight.readOnly);
      gauge.with('mutating').set(inFlight.mutating);
    },
  });
  const rejected = metrics.counter({
    name: 'apiserver_dropped_requests_total',
    help: "Number of requests dropped with 'Try again later' response",
    labels: ['request_kind'],
  });
  return async (request, next) => {
    if (request.longRunning) return next();
    const kind = READ_ONLY.has(request.info.verb) ? 'readOnly' : 'mutating';
    const limit = limits[kind];
    if (limit > 0 && inFlight[kind] >= limit && !request.user.groups.includes('system:masters')) {
      rejected.with(kind).inc();
      throw tooManyRequests('Too many requests, please try again later.', RETRY_AFTER_SECONDS);
    }
    inFlight[kind]++;
    try {
      await next();
    } finally {
      inFlight[kind]--;
    }
  };
}
