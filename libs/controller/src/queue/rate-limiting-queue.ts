import type { Clock } from '@pilothouse/component';
import type { RateLimiter, WorkQueue } from '../contract.ts';
import type { QueueObserver } from './basic-queue.ts';
import { DelayingQueue } from './delaying-queue.ts';

/** A queue that knows how long a key that failed should wait. See client-go's workqueue.RateLimitingInterface. */
export class RateLimitingQueue<K> extends DelayingQueue<K> implements WorkQueue<K> {
  readonly #rateLimiter: RateLimiter<K>;
  readonly #onRetry: (() => void) | undefined;

  constructor(clock: Clock, rateLimiter: RateLimiter<K>, observer?: QueueObserver<K> & { retried(): void }) {
    super(clock, observer);
    this.#rateLimiter = rateLimiter;
    this.#onRetry = observer && (() => observer.retried());
  }

  addRateLimited(key: K): void {
    this.#onRetry?.();
    this.addAfter(key, this.#rateLimiter.when(key));
  }

  /** The key succeeded, or is given up: its next failure starts small. Does not take it out of the queue. */
  forget(key: K): void {
    this.#rateLimiter.forget(key);
  }

  numRequeues(key: K): number {
    return this.#rateLimiter.numRequeues(key);
  }
}
