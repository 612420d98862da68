const LONGEST_SECONDS = 32;

/**
 * After how many seconds a refused client should come again: doubled while many are refused, and step by step back to
 * one when few are, as TCP does. Upstream's figures.
 */
export class RetryAfter {
  /** Refusals by second, the oldest first. */
  readonly #history: { readonly second: number; refusals: number }[] = [];
  #raisedAt = 0;
  #seconds = 1;

  get seconds(): number {
    return this.#seconds;
  }

  refused(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const last = this.#history.at(-1);
    if (last?.second === second) {
      last.refusals++;
      return;
    }
    this.#adapt(second);
    this.#history.push({ second, refusals: 1 });
    while (second - this.#history[0]!.second > LONGEST_SECONDS) this.#history.shift();
  }

  #adapt(second: number): void {
    const from = second - this.#seconds;
    const lately = this.#history.reduce((sum, each) => sum + (each.second >= from ? each.refusals : 0), 0);
    if (second - this.#raisedAt >= this.#seconds && lately >= 3 * this.#seconds) {
      this.#seconds = Math.min(2 * this.#seconds, LONGEST_SECONDS);
      this.#raisedAt = second;
    } else if (lately < this.#seconds && this.#seconds > 1) this.#seconds--;
  }
}
