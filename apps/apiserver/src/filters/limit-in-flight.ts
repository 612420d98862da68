import type { MetricsRegistry } from '@pilothouse/component';
import type { Filter } from '../request.ts';
import { InFlightMetrics, requestKind } from './in-flight-metrics.ts';
import { refuseTooMany } from './too-many-requests.ts';

const RETRY_AFTER_SECONDS = 1;

export interface InFlightLimits {
  /** 0: no limit. */
  readonly readOnly: number;
  readonly mutating: number;
}

/**
 * Without priority and fairness: so many requests at once, and no more. Watches and streams do not count, and the most
 * privileged are always let in, to repair what is wrong.
 */
export function limitInFlight(limits: InFlightLimits, metrics: MetricsRegistry): Filter {
  const inFlight = new InFlightMetrics(metrics);
  const { executing } = inFlight;
  return async (request, next) => {
    if (request.longRunning) return next();
    const kind = requestKind(request.info);
    const isFull = limits[kind] > 0 && executing[kind] >= limits[kind];
    if (isFull && !request.user.groups.includes('system:masters')) {
      inFlight.dropped(kind);
      return refuseTooMany(request, RETRY_AFTER_SECONDS);
    }
    executing[kind]++;
    try {
      await next();
    } finally {
      executing[kind]--;
    }
  };
}
