import type { Clock, MetricsRegistry } from '@pilothouse/component';
import { estimateWidth } from '../flow-control/estimate-width.ts';
import type { ActiveSchema, FlowController } from '../flow-control/flow-controller.ts';
import { FlowMetrics, type FlowMeters } from '../flow-control/flow-metrics.ts';
import type { Flow, Place, Refusal } from '../flow-control/queue-set.ts';
import { WatchTracker } from '../flow-control/watch-tracker.ts';
import type { Resources } from '../registry/resources.ts';
import type { ApiRequest, Filter } from '../request.ts';
import { InFlightMetrics, requestKind } from './in-flight-metrics.ts';
import { refuseTooMany } from './too-many-requests.ts';

export interface PriorityAndFairnessOptions {
  readonly controller: FlowController;
  readonly resources: Resources;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  /** What a request may take that says nothing itself; a quarter of it may be waiting. */
  readonly requestTimeoutMs: number;
}

/**
 * Gives each request its seats in its priority level, lets it wait for them, or refuses it. A watch has seats until it
 * has begun. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
export function priorityAndFairness(options: PriorityAndFairnessOptions): Filter {
  const { controller, resources, metrics, clock, requestTimeoutMs } = options;
  const flowMetrics = new FlowMetrics(metrics, controller);
  const inFlight = new InFlightMetrics(metrics);
  const watches = new WatchTracker();
  const metersByFlow = new WeakMap<Flow, FlowMeters>();

  return async (request, next) => {
    const { info, user } = request;
    const isWatch = info.verb === 'watch';
    if (request.longRunning && !isWatch) return next();
    const kind = requestKind(info);
    const schema = controller.classify(info, user);
    const { level } = schema;
    const { queues } = level;
    setHeaders(request, schema);
    const distinguisher = schema.distinguisherOf(info, user);
    const width = estimateWidth(request, level, resources, watches);
    const flow = level.flowOf(schema.name);
    const place = queues.enter(flow, distinguisher, controller.handOf(schema, distinguisher), width, request);
    if (typeof place === 'string') return refuse(request, schema, place, 0);
    const meters = metersOf(flow, level.name);
    meters.seats.observe(place.seats);
    if (place.queue) meters.queueLength.observe(place.queue.waiting.size);
    if (kind === 'mutating' && info.isResource) meters.watchers.observe(watches.countFor(info));
    if (place.startedMs === undefined) {
      inFlight.waiting[kind]++;
      const refusal = await turnOf(request, place, queues, clock, waitLimitMs(request, requestTimeoutMs));
      inFlight.waiting[kind]--;
      if (refusal) return refuse(request, schema, refusal, clock.monotonicMs() - place.arrivedMs);
    }
    const startedMs = place.startedMs!;
    request.waitedMs = startedMs - place.arrivedMs;
    meters.dispatched.inc();
    meters.waited.observe((startedMs - place.arrivedMs) / 1000);
    inFlight.executing[kind]++;
    let isExecuting = true;
    const finish = (): void => {
      if (!isExecuting) return;
      isExecuting = false;
      inFlight.executing[kind]--;
      const finishedMs = queues.finish(place);
      (isWatch ? meters.watched : meters.executed).observe((finishedMs - startedMs) / 1000);
      if (width.additionalMs > 0) clock.after(width.additionalMs, () => queues.release(place));
      controller.left(level);
    };
    const forget = isWatch ? watches.register(info) : undefined;
    if (isWatch) onResponseStarted(request, finish);
    try {
      await next();
    } finally {
      finish();
      forget?.();
    }
  };

  function metersOf(flow: Flow, level: string): FlowMeters {
    let meters = metersByFlow.get(flow);
    if (meters === undefined) {
      meters = flowMetrics.of(level, flow);
      metersByFlow.set(flow, meters);
    }
    return meters;
  }

  function refuse(request: ApiRequest, { name, level }: ActiveSchema, why: Refusal, waitedMs: number): Promise<void> {
    level.retryAfter.refused(clock.monotonicMs());
    inFlight.dropped(requestKind(request.info));
    flowMetrics.refused(level.name, name, why, waitedMs);
    controller.left(level);
    return refuseTooMany(request, level.retryAfter.seconds);
  }
}

/** By their uids: names would say how clients are sorted. Mandatory objects that are not stored have none. */
function setHeaders({ response }: ApiRequest, { uid, level }: ActiveSchema): void {
  response.setHeader('x-kubernetes-pf-flowschema-uid', uid);
  response.setHeader('x-kubernetes-pf-prioritylevel-uid', level.uid);
}

function waitLimitMs({ timeLimitMs }: ApiRequest, requestTimeoutMs: number): number {
  return (timeLimitMs ?? requestTimeoutMs) / 4;
}

/** Resolves with undefined when the request has its seats, else with why it gave up; then it has left. */
function turnOf(
  { abort }: ApiRequest,
  place: Place,
  queues: ActiveSchema['level']['queues'],
  clock: Clock,
  limitMs: number,
): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    const settle = (refusal: 'time-out' | 'cancelled' | undefined) => {
      cancelTimer();
      abort.signal.removeEventListener('abort', onAbort);
      place.onTurn = undefined;
      if (refusal) queues.leave(place, refusal);
      resolve(refusal);
    };
    const onAbort = () => settle('cancelled');
    const cancelTimer = clock.after(limitMs, () => settle('time-out'));
    place.onTurn = () => settle(undefined);
    if (abort.signal.aborted) settle('cancelled');
    else abort.signal.addEventListener('abort', onAbort, { once: true });
  });
}

function onResponseStarted(request: ApiRequest, call: () => void): void {
  const others = request.onResponseStarted;
  request.onResponseStarted = () => {
    others?.();
    call();
  };
}
