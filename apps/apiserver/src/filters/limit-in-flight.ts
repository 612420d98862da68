import { tooManyRequests } from '@pilothouse/apimachinery';
import type { MetricsRegistry } from '@pilothouse/component';
import type { Filter } from '../request.ts';
import { Seats } from './seats.ts';

const READ_ONLY = new Set(['get', 'list', 'watch']);
const RETRY_AFTER_SECONDS = 1;
/** So many may wait for each that is worked on; beyond it waiting only makes the answer later. */
const WAITING_PER_SEAT = 25;

export interface InFlightLimits {
  /** 0: no limit. */
  readonly readOnly: number;
  readonly mutating: number;
}

/**
 * Works on so many requests at once that what is under way still finishes; the rest waits its turn, and is refused when
 * too much waits already. Watches and streams do not count, and the most privileged are always let in, to repair what
 * is wrong.
 */
export function limitInFlight(limits: InFlightLimits, metrics: MetricsRegistry): Filter {
  const seats = {
    readOnly: new Seats(limits.readOnly, limits.readOnly * WAITING_PER_SEAT),
    mutating: new Seats(limits.mutating, limits.mutating * WAITING_PER_SEAT),
  };
  metrics.gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
    labels: ['request_kind'],
    collect(gauge) {
      gauge.with('readOnly').set(seats.readOnly.taken);
      gauge.with('mutating').set(seats.mutating.taken);
    },
  });
  metrics.gauge({
    name: 'apiserver_current_inqueue_requests',
    help: 'Number of requests that wait for their turn, per request kind.',
    labels: ['request_kind'],
    collect(gauge) {
      gauge.with('readOnly').set(seats.readOnly.waiting);
      gauge.with('mutating').set(seats.mutating.waiting);
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
    const { user } = request;
    if (user.groups.includes('system:masters')) {
      seats[kind].takeAnyway();
    } else if (!(await seats[kind].take(user.name, request.abort.signal))) {
      rejected.with(kind).inc();
      throw tooManyRequests('Too many requests, please try again later.', RETRY_AFTER_SECONDS);
    }
    try {
      await next();
    } finally {
      seats[kind].release();
    }
  };
}
