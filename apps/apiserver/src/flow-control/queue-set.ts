import { SeatDemand, type DemandSummary } from './seat-demand.ts';
import type { Width } from './width.ts';

/** A request that waits for its seats or has them. */
export interface Place {
  readonly flow: Flow;
  readonly distinguisher: string;
  readonly width: Width;
  readonly seats: number;
  readonly arrivedMs: number;
  readonly arrivalR: number;
  /** Undefined where nothing queues. */
  readonly queue: Queue | undefined;
  /** Undefined while it waits. */
  startedMs: number | undefined;
  /** Called once it has its seats, when they were not free at once. */
  onTurn: (() => void) | undefined;
  /** For those who look at what is there. */
  readonly subject: unknown;
}

/** The requests of one flow schema in one priority level, counted. */
export interface Flow {
  readonly schema: string;
  executing: number;
  executingSeats: number;
  waiting: number;
  waitingSeats: number;
}

export interface Queue {
  readonly index: number;
  readonly waiting: Set<Place>;
  waitingSeats: number;
  /** In seat-milliseconds. */
  waitingWork: number;
  initialSeats: number;
  executing: number;
  seatsInUse: number;
  /** On the level's meter R: when its next request would be dispatched if all queues were served at once. */
  nextDispatchR: number;
}

export type Queuing =
  /** Exempt: nobody waits and nobody is refused. */
  | { readonly kind: 'none' }
  | { readonly kind: 'reject' }
  | { readonly kind: 'queue'; readonly queues: number; readonly lengthLimit: number };

export type Refusal = 'concurrency-limit' | 'queue-full' | 'time-out' | 'cancelled';

export interface Totals {
  dispatched: number;
  rejected: number;
  timedOut: number;
  cancelled: number;
}

/** What a request is taken to last until it is known better; upstream's figure. */
const GUESSED_SERVICE_MS = 3;

/**
 * The queues of one priority level, served fairly: the next request comes from the queue that has been given the least
 * of the seats so far, whatever piles up in the others. `R` is the meter of that: seat-milliseconds that each queue that
 * is busy has been given since the start. Nothing here is asynchronous.
 *
 * Upstream: "Fair Queuing for Server Requests", KEP-1040.
 */
export class QueueSet {
  readonly totals: Totals = { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 };
  readonly demand: SeatDemand;
  readonly executing = new Set<Place>();
  readonly queues: Queue[] = [];
  readonly #nowMs: () => number;
  #queuing: Queuing = { kind: 'reject' };
  #limit = 0;
  #waiting = 0;
  #seatsWaiting = 0;
  #seatsInUse = 0;
  #busyQueues = 0;
  #arrivals = 0;
  #robin = -1;
  #r = 0;
  #rMs: number;
  #lastDispatchR = 0;
  #lastStartR = 0;
  #unaccommodated = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#rMs = nowMs();
    this.demand = new SeatDemand(this.#rMs);
  }

  configure(queuing: Queuing, limit: number): void {
    this.#sync();
    this.#queuing = queuing;
    this.#limit = limit;
    const wanted = queuing.kind === 'queue' ? queuing.queues : 0;
    while (this.queues.length < wanted) this.queues.push(newQueue(this.queues.length));
    this.#dropIdleQueues();
    this.#dispatch();
  }

  /** Seats as they are at the moment: borrowed ones too. */
  get limit(): number {
    return this.#limit;
  }

  set limit(seats: number) {
    this.#sync();
    this.#limit = seats;
    this.#dispatch();
  }

  get waiting(): number {
    return this.#waiting;
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  get seatsWaiting(): number {
    return this.#seatsWaiting;
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.executing.size === 0;
  }

  /** In seat-seconds: the meter, when it last dispatched, and what the request then had for its start. */
  get meters(): { r: number; dispatchR: number; latestS: number } {
    return { r: this.#r / 1000, dispatchR: this.#lastDispatchR / 1000, latestS: this.#lastStartR / 1000 };
  }

  /** How often the next in line was too wide for the seats that were free. */
  get unaccommodated(): number {
    return this.#unaccommodated;
  }

  summarizeDemand(): DemandSummary {
    return this.demand.summarize(this.#nowMs());
  }

  /**
   * A place for a request, with its seats (`startedMs`) or in a queue of its `hand`; or why there is none. `finish` or
   * `leave` must follow.
   */
  enter(flow: Flow, distinguisher: string, hand: readonly number[], width: Width, subject: unknown): Place | Refusal {
    this.#sync();
    const seats = Math.max(width.initialSeats, width.finalSeats);
    const queued = this.#queuing.kind === 'queue';
    if (!queued && !this.#fits(seats)) {
      this.totals.rejected++;
      return 'concurrency-limit';
    }
    const queue = queued ? this.#shortest(hand) : undefined;
    if (queue && this.#isFull(queue)) {
      this.totals.rejected++;
      return 'queue-full';
    }
    const place: Place = {
      ...{ flow, distinguisher, width, seats, queue, subject },
      arrivedMs: this.#rMs,
      arrivalR: this.#r,
      startedMs: undefined,
      onTurn: undefined,
    };
    if (!queue) this.#start(place);
    else {
      this.#enqueue(place, queue);
      this.#dispatch();
    }
    this.#demandChanged();
    return place;
  }

  /** A place is given up before it had its turn. */
  leave(place: Place, refusal: 'time-out' | 'cancelled'): void {
    this.#sync();
    this.#dequeue(place);
    this.totals.rejected++;
    if (refusal === 'time-out') this.totals.timedOut++;
    else this.totals.cancelled++;
    const queue = place.queue!;
    this.#settle(queue);
    this.#bound(queue);
    this.#dropIdleQueues();
    // It may have been too wide, and the next one is not.
    this.#dispatch();
    this.#demandChanged();
  }

  /**
   * The answer is out; returns when. Seats for what comes after it are the caller's to give back, by `release`,
   * `additionalMs` later.
   */
  finish(place: Place): number {
    this.#sync();
    const { flow, queue, width } = place;
    this.executing.delete(place);
    flow.executing--;
    if (queue) {
      queue.executing--;
      // It was charged for the guess; now it is known.
      queue.nextDispatchR -= width.initialSeats * (GUESSED_SERVICE_MS - (this.#rMs - place.startedMs!));
      this.#settle(queue);
      this.#bound(queue);
    }
    if (width.additionalMs === 0) this.#giveBack(place);
    return this.#rMs;
  }

  release(place: Place): void {
    this.#sync();
    this.#giveBack(place);
  }

  #giveBack({ flow, queue, seats }: Place): void {
    this.#seatsInUse -= seats;
    flow.executingSeats -= seats;
    if (queue) queue.seatsInUse -= seats;
    this.#dropIdleQueues();
    this.#dispatch();
    this.#demandChanged();
  }

  #start(place: Place): void {
    const { flow, queue, seats } = place;
    place.startedMs = this.#rMs;
    this.executing.add(place);
    this.#seatsInUse += seats;
    flow.executing++;
    flow.executingSeats += seats;
    this.totals.dispatched++;
    if (!queue) return;
    queue.executing++;
    queue.seatsInUse += seats;
  }

  #enqueue(place: Place, queue: Queue): void {
    if (isIdle(queue)) {
      this.#busyQueues++;
      queue.nextDispatchR = this.#r;
    }
    queue.waiting.add(place);
    queue.waitingSeats += place.seats;
    queue.initialSeats += place.width.initialSeats;
    queue.waitingWork += workOf(place.width);
    this.#waiting++;
    this.#seatsWaiting += place.seats;
    place.flow.waiting++;
    place.flow.waitingSeats += place.seats;
    this.#bound(queue);
  }

  #dequeue(place: Place): void {
    const queue = place.queue!;
    queue.waiting.delete(place);
    queue.waitingSeats -= place.seats;
    queue.initialSeats -= place.width.initialSeats;
    queue.waitingWork -= workOf(place.width);
    this.#waiting--;
    this.#seatsWaiting -= place.seats;
    place.flow.waiting--;
    place.flow.waitingSeats -= place.seats;
  }

  /** Of a hand, where the least work waits; begun at another card each time, so that equals take turns. */
  #shortest(hand: readonly number[]): Queue {
    const offset = this.#arrivals++ % hand.length;
    let best = this.queues[hand[offset]!]!;
    for (let i = 1; i < hand.length && best.waitingWork > 0; i++) {
      const queue = this.queues[hand[(offset + i) % hand.length]!]!;
      if (queue.waitingWork < best.waitingWork) best = queue;
    }
    return best;
  }

  #isFull(queue: Queue): boolean {
    return (
      this.#queuing.kind === 'queue' &&
      this.#seatsInUse >= this.#limit &&
      queue.waiting.size >= this.#queuing.lengthLimit
    );
  }

  /** What is wider than all seats together goes when it is alone. */
  #fits(seats: number): boolean {
    if (this.#queuing.kind === 'none') return true;
    return seats > this.#limit ? this.executing.size === 0 : this.#seatsInUse + seats <= this.#limit;
  }

  #dispatch(): void {
    while (this.#waiting > 0 && this.#seatsInUse < this.#limit) {
      const { queue, robin } = this.#next();
      const [place] = queue.waiting;
      if (!this.#fits(place!.seats)) {
        this.#unaccommodated++;
        return;
      }
      this.#robin = robin;
      this.#lastDispatchR = this.#r;
      this.#lastStartR = queue.nextDispatchR;
      this.#dequeue(place!);
      this.#start(place!);
      queue.nextDispatchR += workOf(place!.width);
      this.#bound(queue);
      place!.onTurn?.();
    }
  }

  /** The queue whose next request would be done first if all were served at once; of equals the one after the last. */
  #next(): { queue: Queue; robin: number } {
    let found: { queue: Queue; robin: number } | undefined;
    let earliest = Infinity;
    for (let i = 1; i <= this.queues.length; i++) {
      const robin = (this.#robin + i) % this.queues.length;
      const queue = this.queues[robin]!;
      if (queue.waiting.size === 0) continue;
      const [oldest] = queue.waiting;
      const finish = queue.nextDispatchR + workOf(oldest!.width);
      if (finish >= earliest) continue;
      earliest = finish;
      found = { queue, robin };
    }
    return found!;
  }

  /** A queue that used less than its part gains no right to catch up later: nothing is dispatched before it arrived. */
  #bound(queue: Queue): void {
    if (queue.waiting.size === 0) return;
    const [oldest] = queue.waiting;
    if (queue.nextDispatchR < oldest!.arrivalR) queue.nextDispatchR = oldest!.arrivalR;
  }

  /** Advances the meter by what was given since: as much to each busy queue. */
  #sync(): void {
    const nowMs = this.#nowMs();
    if (this.#busyQueues > 0) {
      const asked = Math.min(this.#seatsInUse + this.#seatsWaiting, this.#limit);
      this.#r += ((nowMs - this.#rMs) * asked) / this.#busyQueues;
    }
    this.#rMs = nowMs;
  }

  #settle(queue: Queue): void {
    if (isIdle(queue)) this.#busyQueues--;
  }

  #demandChanged(): void {
    this.demand.set(this.#seatsInUse + this.#seatsWaiting, this.#rMs);
  }

  /** After the level got fewer: the surplus goes when it is empty, from the end, because hands name queues by number. */
  #dropIdleQueues(): void {
    const wanted = this.#queuing.kind === 'queue' ? this.#queuing.queues : 0;
    while (this.queues.length > wanted) {
      const last = this.queues.at(-1)!;
      if (!isIdle(last) || last.seatsInUse > 0) return;
      this.queues.pop();
    }
  }
}

function newQueue(index: number): Queue {
  return {
    index,
    waiting: new Set(),
    ...{ waitingSeats: 0, waitingWork: 0, initialSeats: 0, executing: 0, seatsInUse: 0, nextDispatchR: 0 },
  };
}

function isIdle({ waiting, executing }: Queue): boolean {
  return waiting.size === 0 && executing === 0;
}

/** Seat-milliseconds, as far as they can be known beforehand. */
function workOf({ initialSeats, finalSeats, additionalMs }: Width): number {
  return initialSeats * GUESSED_SERVICE_MS + finalSeats * additionalMs;
}
