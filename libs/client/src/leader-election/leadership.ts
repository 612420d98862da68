import type { Clock } from '@pilothouse/component';

/** What a write fails with that was meant to be sent without, or after, holding the lease. */
export class NotLeadingError extends Error {
  override readonly name = 'NotLeadingError';

  constructor() {
    super('not sent: the leader election lease is not held');
  }
}

/**
 * The right to write as leader, which ends by itself. A process that stood still (SIGSTOP, a paused machine, a long
 * garbage collection) goes on in the middle of a reconcile, before any timer or answer tells it that its lease is
 * another's by now. So a client that is made with a leadership asks it at the moment of sending, by the clock and not by
 * an event. It ends with the renew deadline, which is before the lease can be taken: what was sent has that long to arrive.
 */
export class Leadership {
  readonly #clock: Clock;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get held(): boolean {
    return this.#clock.monotonicMs() < this.#untilMs;
  }

  /** `untilMs` is a moment of the clock's `monotonicMs`. */
  holdUntil(untilMs: number): void {
    this.#untilMs = untilMs;
  }

  end(): void {
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }

  /** Throws NotLeadingError unless held. */
  require(): void {
    if (!this.held) throw new NotLeadingError();
  }
}
