import type { BoundCounter, BoundHistogram, Gauge, MetricsRegistry } from '@pilothouse/component';
import type { FlowController } from './flow-controller.ts';
import type { PriorityLevel } from './priority-level.ts';
import type { Flow, Refusal } from './queue-set.ts';

const QUEUE_LENGTHS = [0, 10, 25, 50, 100, 250, 500, 1000];
const SECONDS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const SEATS = [1, 2, 4, 10];
const WATCHES = [0, 1, 10, 100, 1000, 10_000];

const LEVEL = ['priority_level'] as const;
const FLOW = ['priority_level', 'flow_schema'] as const;

/** What happens in flow control, under upstream's names. What can be read off the queues is, when somebody scrapes. */
export class FlowMetrics {
  readonly #rejected;
  readonly #dispatched;
  readonly #waited;
  readonly #executed;
  readonly #queueLength;
  readonly #seats;
  readonly #watches;

  constructor(metrics: MetricsRegistry, controller: FlowController) {
    this.#rejected = metrics.counter({
      name: 'apiserver_flowcontrol_rejected_requests_total',
      help: 'Number of requests rejected by API Priority and Fairness subsystem',
      labels: [...FLOW, 'reason'] as const,
    });
    this.#dispatched = metrics.counter({
      name: 'apiserver_flowcontrol_dispatched_requests_total',
      help: 'Number of requests executed by API Priority and Fairness subsystem',
      labels: FLOW,
    });
    this.#waited = metrics.histogram({
      name: 'apiserver_flowcontrol_request_wait_duration_seconds',
      help: 'Length of time a request spent waiting in its queue',
      labels: [...FLOW, 'execute'] as const,
      buckets: SECONDS,
    });
    this.#executed = metrics.histogram({
      name: 'apiserver_flowcontrol_request_execution_seconds',
      help: 'Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution in the API Priority and Fairness subsystem',
      labels: [...FLOW, 'type'] as const,
      buckets: SECONDS,
    });
    this.#queueLength = metrics.histogram({
      name: 'apiserver_flowcontrol_request_queue_length_after_enqueue',
      help: 'Length of queue in the API Priority and Fairness subsystem, as seen by each request after it is enqueued',
      labels: FLOW,
      buckets: QUEUE_LENGTHS,
    });
    this.#seats = metrics.histogram({
      name: 'apiserver_flowcontrol_work_estimated_seats',
      help: 'Number of estimated seats (maximum of initial and final seats) associated with requests in API Priority and Fairness',
      labels: FLOW,
      buckets: SEATS,
    });
    this.#watches = metrics.histogram({
      name: 'apiserver_flowcontrol_watch_count_samples',
      help: 'count of watchers for mutating requests in API Priority and Fairness',
      labels: FLOW,
      buckets: WATCHES,
    });
    const levels = () => [...controller.levels.values()];
    for (const [name, help, read] of OF_LEVELS) {
      metrics.gauge({ name: `apiserver_flowcontrol_${name}`, help, labels: LEVEL, collect: perLevel(levels, read) });
    }
    for (const [name, help, read] of OF_FLOWS) {
      metrics.gauge({ name: `apiserver_flowcontrol_${name}`, help, labels: FLOW, collect: perFlow(levels, read) });
    }
    metrics.gauge({
      name: 'apiserver_flowcontrol_seat_fair_frac',
      help: "Fair fraction of server's concurrency to allocate to each priority level that can use it",
      collect: (gauge) => gauge.with().set(controller.fairFraction),
    });
  }

  /** Those of one flow schema in one level, at hand for every request. */
  of(level: string, { schema }: Flow): FlowMeters {
    return {
      dispatched: this.#dispatched.with(level, schema),
      waited: this.#waited.with(level, schema, 'true'),
      executed: this.#executed.with(level, schema, 'regular'),
      watched: this.#executed.with(level, schema, 'watch'),
      queueLength: this.#queueLength.with(level, schema),
      seats: this.#seats.with(level, schema),
      watchers: this.#watches.with(level, schema),
    };
  }

  refused(level: string, schema: string, reason: Refusal, waitedMs: number): void {
    this.#rejected.with(level, schema, reason).inc();
    this.#waited.with(level, schema, 'false').observe(waitedMs / 1000);
  }
}

export interface FlowMeters {
  readonly dispatched: BoundCounter;
  readonly waited: BoundHistogram;
  readonly executed: BoundHistogram;
  readonly watched: BoundHistogram;
  readonly queueLength: BoundHistogram;
  readonly seats: BoundHistogram;
  readonly watchers: BoundHistogram;
}

type OfLevel = readonly [name: string, help: string, read: (level: PriorityLevel) => number];
type OfFlow = readonly [name: string, help: string, read: (flow: Flow) => number];

const OF_LEVELS: readonly OfLevel[] = [
  [
    'nominal_limit_seats',
    'Nominal number of execution seats configured for each priority level',
    ({ limits }) => limits.nominal,
  ],
  [
    'lower_limit_seats',
    'Configured lower bound on number of execution seats available to each priority level',
    ({ limits }) => limits.lower,
  ],
  [
    'upper_limit_seats',
    'Configured upper bound on number of execution seats available to each priority level',
    ({ limits }) => limits.upper,
  ],
  [
    'current_limit_seats',
    'current derived number of execution seats available to each priority level',
    ({ queues }) => queues.limit,
  ],
  ['target_seats', 'Seat allocation targets', ({ target }) => target],
  [
    'demand_seats_average',
    'Time-weighted average, over last adjustment period, of demand_seats',
    ({ demand }) => demand.average,
  ],
  [
    'demand_seats_stdev',
    'Time-weighted standard deviation, over last adjustment period, of demand_seats',
    ({ demand }) => demand.deviation,
  ],
  [
    'demand_seats_high_watermark',
    'High watermark, over last adjustment period, of demand_seats',
    ({ demand }) => demand.highest,
  ],
  ['demand_seats_smoothed', 'Smoothed seat demands', ({ smoothed }) => smoothed],
  ['current_r', 'R(time of last change)', ({ queues }) => queues.meters.r],
  ['dispatch_r', 'R(time of last dispatch)', ({ queues }) => queues.meters.dispatchR],
  ['latest_s', 'S(most recently dispatched request)', ({ queues }) => queues.meters.latestS],
];

const OF_FLOWS: readonly OfFlow[] = [
  [
    'current_executing_requests',
    'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem',
    ({ executing }) => executing,
  ],
  [
    'current_executing_seats',
    'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem',
    ({ executingSeats }) => executingSeats,
  ],
  [
    'current_inqueue_requests',
    'Number of requests currently pending in queues of the API Priority and Fairness subsystem',
    ({ waiting }) => waiting,
  ],
  [
    'current_inqueue_seats',
    'Number of seats currently pending in queues of the API Priority and Fairness subsystem',
    ({ waitingSeats }) => waitingSeats,
  ],
];

function perLevel(levels: () => PriorityLevel[], read: (level: PriorityLevel) => number) {
  return (gauge: Gauge<typeof LEVEL>): void => {
    gauge.series.clear();
    for (const level of levels()) gauge.with(level.name).set(read(level));
  };
}

function perFlow(levels: () => PriorityLevel[], read: (flow: Flow) => number) {
  return (gauge: Gauge<typeof FLOW>): void => {
    gauge.series.clear();
    for (const { name, flows } of levels())
      for (const flow of flows.values()) gauge.with(name, flow.schema).set(read(flow));
  };
}
