import type { ApiRequest, Filter } from '../request.ts';

/** Knows what is under way, so that a shutdown can wait for it and tell watches to end. */
export class OpenRequests {
  readonly #open = new Set<ApiRequest>();
  #draining = false;
  #idle: (() => void) | undefined;

  readonly filter: Filter = async (request, next) => {
    this.#open.add(request);
    if (this.#draining) sendElsewhere(request);
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

  /** For the log: what a shutdown cuts off. */
  get paths(): string[] {
    return [...this.#open].map(({ http }) => `${http.method} ${http.url}`);
  }

  /**
   * Ends watches and streams; their clients go on elsewhere from the version they have. What comes later over connections
   * that are still open is answered, and asked to go elsewhere as well: else a busy client would keep us for ever.
   */
  drain(): void {
    this.#draining = true;
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

/** HTTP/2 connections have been told by GOAWAY. */
function sendElsewhere({ http, response, longRunning, abort }: ApiRequest): void {
  if (http.httpVersionMajor === 1) response.setHeader('connection', 'close');
  if (longRunning) abort.abort();
}
