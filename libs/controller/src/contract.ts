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
