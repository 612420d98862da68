import type { Filter } from '../request.ts';

/** Knows what is under way, so that a shutdown can wait for it and tell watches to end. */
export class OpenRequests {
  readonly #open = new Set<{ abort: AbortController; longRunning: boolean }>();
  #idle: (() => void) | undefined;

  readonly filter: Filter = async (request, next) => {
    this.#open.add(request);
    try {
      await next();
    } finally {
      this.#open.delete(request);
      if (this.#open.size === 0) this.#idle?.();
    }
  };

  get size(): number {
    return this.#open.size;
  }

  /** Ends watches and streams; their clients go on elsewhere from the version they have. */
  endLongRunning(): void {
    for (const request of this.#open) if (request.longRunning) request.abort.abort();
  }

  /** Resolves when nothing is under way any more. */
  async drained(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }
}
