/**
 * A number of seats that requests take while they are worked on. When all are taken, requests wait, each user's in a
 * line of its own; a free seat goes to the lines in turn, so that one user's flood does not hold up the others. This is
 * the heart of upstream's API Priority and Fairness, without its levels (KEP-1040).
 */
export class Seats {
  readonly #limit: number;
  readonly #maxWaiting: number;
  /** A line for each user with waiting requests, in the order in which they are served next. */
  readonly #lines = new Map<string, Set<Waiter>>();
  #taken = 0;
  #waiting = 0;

  /** `limit` 0: as many seats as are asked for. */
  constructor(limit: number, maxWaiting: number) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Resolves with true when the request has a seat, which `release` gives back. False: too many wait already, or the
   * signal aborted first; there is nothing to give back then.
   */
  take(user: string, signal: AbortSignal): Promise<boolean> {
    if (this.#limit === 0 || this.#taken < this.#limit) {
      this.#taken++;
      return Promise.resolve(true);
    }
    if (this.#waiting >= this.#maxWaiting || signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const line = this.#lines.get(user) ?? new Set();
      const onAbort = (): void => {
        this.#leave(user, line, waiter);
        resolve(false);
      };
      const waiter: Waiter = () => {
        signal.removeEventListener('abort', onAbort);
        resolve(true);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      line.add(waiter);
      this.#lines.set(user, line);
      this.#waiting++;
    });
  }

  /** Takes a seat beyond the limit: for whoever must always be let in. */
  takeAnyway(): void {
    this.#taken++;
  }

  release(): void {
    this.#taken--;
    if (this.#taken >= this.#limit) return;
    for (const [user, line] of this.#lines) {
      const [waiter] = line;
      if (!waiter) continue;
      this.#leave(user, line, waiter);
      // To the back: the other lines come first now.
      if (line.size > 0) {
        this.#lines.delete(user);
        this.#lines.set(user, line);
      }
      this.#taken++;
      waiter();
      return;
    }
  }

  #leave(user: string, line: Set<Waiter>, waiter: Waiter): void {
    if (!line.delete(waiter)) return;
    this.#waiting--;
    if (line.size === 0) this.#lines.delete(user);
  }
}

type Waiter = () => void;
