/** Time comes in through the constructor, so that a whole cluster can run under a fake clock. */
export interface Clock {
  now(): Date;
  /** Milliseconds that only grow; for measuring. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
