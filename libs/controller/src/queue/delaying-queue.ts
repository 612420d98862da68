import type { Clock } from '@pilothouse/component';
import { BasicQueue, type QueueObserver } from './basic-queue.ts';

/** A queue to which a key can be added later. See client-go's workqueue.DelayingInterface. */
export class DelayingQueue<K> extends BasicQueue<K> {
  readonly #clock: Clock;
  readonly #waiting = new Map<K, { readonly dueMs: number; readonly cancel: () => void }>();

  constructor(clock: Clock, observer?: QueueObserver<K>) {
    super(observer);
    this.#clock = clock;
  }

  /** Of several delays for one key the one that ends first counts. */
  addAfter(key: K, delayMs: number): void {
    if (this.shuttingDown) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const waiting = this.#waiting.get(key);
    if (waiting) {
      if (waiting.dueMs <= dueMs) return;
      waiting.cancel();
    }
    const cancel = this.#clock.after(delayMs, () => {
      this.#waiting.delete(key);
      this.add(key);
    });
    this.#waiting.set(key, { dueMs, cancel });
  }

  override shutDown(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    super.shutDown();
  }
}
