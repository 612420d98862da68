import type { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';

export interface RetryOptions {
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** False ends the attempts with that error; every error is retried unless told. */
  readonly retryable?: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, delayMs: number) => void;
}

/** Tries until it succeeds, the error is final, or the signal aborts. Count attempts in `retryable` to limit them. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { backoff, clock, signal, retryable, onRetry } = options;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted || retryable?.(error) === false) throw error;
      const delayMs = backoff.nextMs();
      onRetry?.(error, delayMs);
      await clock.sleep(delayMs, signal);
    }
  }
}
