/** How many seats were wanted in a period: weighted by how long, as `demand` says from when on. */
export interface DemandSummary {
  readonly average: number;
  readonly deviation: number;
  readonly highest: number;
}

/** The seats that a priority level wants, watched over time: what borrowing between levels is decided by. */
export class SeatDemand {
  #value = 0;
  #sinceMs: number;
  #durationMs = 0;
  #area = 0;
  #squares = 0;
  #highest = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  set(value: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#value = value;
    if (value > this.#highest) this.#highest = value;
  }

  /** What was since the last call, and begins anew. */
  summarize(nowMs: number): DemandSummary {
    this.#advance(nowMs);
    const average = this.#durationMs > 0 ? this.#area / this.#durationMs : this.#value;
    const variance = this.#durationMs > 0 ? this.#squares / this.#durationMs - average * average : 0;
    const summary = { average, deviation: Math.sqrt(Math.max(0, variance)), highest: this.#highest };
    this.#durationMs = this.#area = this.#squares = 0;
    this.#highest = this.#value;
    return summary;
  }

  #advance(nowMs: number): void {
    const elapsedMs = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    this.#durationMs += elapsedMs;
    this.#area += elapsedMs * this.#value;
    this.#squares += elapsedMs * this.#value * this.#value;
  }
}
