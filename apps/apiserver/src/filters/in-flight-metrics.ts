import type { MetricsRegistry } from '@pilothouse/component';
import type { RequestInfo } from '../request-info.ts';

const READ_ONLY = new Set(['get', 'list', 'watch']);

export type RequestKind = 'readOnly' | 'mutating';

export function requestKind({ verb }: RequestInfo): RequestKind {
  return READ_ONLY.has(verb) ? 'readOnly' : 'mutating';
}

/** How many requests are under way and wait, whichever filter sees to it. */
export class InFlightMetrics {
  readonly executing = { readOnly: 0, mutating: 0 };
  readonly waiting = { readOnly: 0, mutating: 0 };
  readonly #dropped;

  constructor(metrics: MetricsRegistry) {
    for (const [name, help, numbers] of [
      [
        'apiserver_current_inflight_requests',
        'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
        this.executing,
      ],
      [
        'apiserver_current_inqueue_requests',
        'Maximal number of queued requests in this apiserver per request kind in last second.',
        this.waiting,
      ],
    ] as const) {
      metrics.gauge({
        name,
        help,
        labels: ['request_kind'],
        collect(gauge) {
          gauge.with('readOnly').set(numbers.readOnly);
          gauge.with('mutating').set(numbers.mutating);
        },
      });
    }
    this.#dropped = metrics.counter({
      name: 'apiserver_dropped_requests_total',
      help: "Number of requests dropped with 'Try again later' response",
      labels: ['request_kind'],
    });
  }

  dropped(kind: RequestKind): void {
    this.#dropped.with(kind).inc();
  }
}
