import type { PriorityLevelConfiguration, PriorityLevelConfigurationSpec } from '@pilothouse/api';
import { QueueSet, type Flow, type Queuing } from './queue-set.ts';
import { RetryAfter } from './retry-after.ts';
import { smoothedDemand, type LevelDemand, type SeatLimits } from './share-seats.ts';
import { maxSeats } from './width.ts';

/** One priority level at work: what its object says, and its queues. */
export class PriorityLevel {
  readonly name: string;
  readonly queues: QueueSet;
  readonly retryAfter = new RetryAfter();
  /** By flow schema. They stay when a schema goes, for what is still under way. */
  readonly flows = new Map<string, Flow>();
  uid = '';
  spec: PriorityLevelConfigurationSpec;
  limits: SeatLimits = { nominal: 0, lower: 0, upper: 0 };
  /** Its object is gone; it goes too when nothing is under way in it any more. */
  quiescing = false;
  demand = { average: 0, deviation: 0, highest: 0 };
  smoothed = 0;
  target = 0;

  constructor({ metadata, spec }: PriorityLevelConfiguration, nowMs: () => number) {
    this.name = metadata.name!;
    this.spec = spec;
    this.queues = new QueueSet(nowMs);
  }

  get isExempt(): boolean {
    return this.spec.type === 'Exempt';
  }

  get handSize(): number {
    return this.spec.limited?.limitResponse?.queuing?.handSize ?? 0;
  }

  /** The most seats that one of its requests takes. */
  get maxSeats(): number {
    return this.isExempt ? 1 : maxSeats(this.limits.nominal, this.handSize);
  }

  configure(spec: PriorityLevelConfigurationSpec, limits: SeatLimits): void {
    // What is lent at the moment stays lent: only a changed division begins anew.
    const changed = limits.nominal !== this.limits.nominal || limits.upper !== this.limits.upper;
    this.spec = spec;
    this.limits = limits;
    this.queues.configure(queuingOf(spec), changed ? limits.nominal : this.queues.limit);
  }

  flowOf(schema: string): Flow {
    let flow = this.flows.get(schema);
    if (flow === undefined) {
      flow = { schema, executing: 0, executingSeats: 0, waiting: 0, waitingSeats: 0 };
      this.flows.set(schema, flow);
    }
    return flow;
  }

  /** Closes a period: what was wanted in it counts for what is lent in the next. */
  takeDemand(): LevelDemand {
    this.demand = this.queues.summarizeDemand();
    this.smoothed = smoothedDemand(this.smoothed, this.demand);
    return { ...this.limits, exempt: this.isExempt, highest: this.demand.highest, smoothed: this.smoothed };
  }
}

function queuingOf({ type, limited }: PriorityLevelConfigurationSpec): Queuing {
  if (type === 'Exempt') return { kind: 'none' };
  const queuing = limited?.limitResponse?.queuing;
  if (limited?.limitResponse?.type !== 'Queue' || !queuing) return { kind: 'reject' };
  return { kind: 'queue', queues: queuing.queues, lengthLimit: queuing.queueLengthLimit };
}
