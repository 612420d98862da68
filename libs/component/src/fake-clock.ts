import type { Clock } from './clock.ts';
import { sleepWith } from './sleep.ts';

interface Timer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/**
 * A clock that moves only when told. Timers fire in the order of their due time, then of their making, and each sees
 * `now()` at exactly its due time.
 */
export class FakeClock implements Clock {
  #elapsedMs = 0;
  #sequence = 0;
  readonly #startMs: number;
  readonly #timers = new Set<Timer>();

  constructor(start: Date | string = '2030-01-01T00:00:00Z') {
    this.#startMs = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.#startMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), sequence: this.#sequence++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((ms, callback) => this.after(ms, callback), delayMs, signal);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer is due, or undefined when there is none. */
  get nextTimerMs(): number | undefined {
    const next = this.#next(Infinity);
    return next && next.dueMs - this.#elapsedMs;
  }

  /** Moves time and fires what falls due, without letting promises run in between. */
  step(ms: number): void {
    const targetMs = this.#elapsedMs + ms;
    for (let timer = this.#next(targetMs); timer; timer = this.#next(targetMs)) this.#fire(timer);
    this.#elapsedMs = targetMs;
  }

  /** Like `step`, but after each timer everything it woke runs first, so that sleepers can set their next timer in time. */
  async run(ms: number): Promise<void> {
    const targetMs = this.#elapsedMs + ms;
    await settle();
    for (let timer = this.#next(targetMs); timer; timer = this.#next(targetMs)) {
      this.#fire(timer);
      await settle();
    }
    this.#elapsedMs = targetMs;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#elapsedMs = timer.dueMs;
    timer.callback();
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (!next || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.sequence < next.sequence)) {
        next = timer;
      }
    }
    return next;
  }
}

/** Every promise job that is ready now, and those they make ready, runs before the next immediate. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
