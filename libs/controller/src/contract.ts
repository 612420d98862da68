import type { Clock, MetricsRegistry } from '@pilothouse/component';

/** See client-go's util/workqueue. A key is in the queue at most once and is handled by one worker at a time. */
export interface WorkQueue<K = string> {
  add(key: K): void;
  addAfter(key: K, delayMs: number): void;
  addRateLimited(key: K): void;
  forget(key: K): void;
  numRequeues(key: K): number;
  /** Resolves with the next key, or undefined after shutDown. */
  get(): Promise<K | undefined>;
  done(key: K): void;
  shutDown(): void;
  readonly length: number;
}

/** What a reconcile returns: nothing (done), or when to come back. A thrown error means a retry with backoff. */
export type ReconcileResult = void | { readonly requeueAfterMs: number };

/** A controller as a value; the shell that runs it is `runController`. */
export interface Controller {
  /** kebab-case, as in `--controllers=deployment`, e.g. `deployment-controller`. */
  readonly name: string;
  /** Registers handlers on informers; called once before the informers start. */
  readonly queue: WorkQueue<string>;
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
  readonly workers: number;
}

/** client-go's rate limiter for one item: how long to wait before the next try. */
export interface RateLimiter<K = string> {
  /** Milliseconds to wait; each call counts as one more failure. */
  when(key: K): number;
  forget(key: K): void;
  numRequeues(key: K): number;
}

export interface WorkQueueOptions<K = string> {
  /** Names the queue in metrics: the controller's name. */
  name?: string;
  clock: Clock;
  /** Default: 5 ms doubling to 1,000 s per key, and 10/s (burst 100) over all keys. */
  rateLimiter?: RateLimiter<K>;
  /** Where `workqueue_*` metrics go. */
  metrics?: MetricsRegistry;
}
