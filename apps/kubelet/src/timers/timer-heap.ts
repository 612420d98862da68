import type { Clock } from '@pilothouse/component';

interface Entry {
  readonly dueMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/**
 * Many timers on one: a process that plays a thousand nodes has tens of thousands of pending moments, and one clock
 * timer for the earliest of them is enough. A key has at most one timer; setting it again replaces it.
 *
 * A binary heap in which replaced entries stay until they surface (they are recognised by `#byKey`).
 */
export class TimerHeap {
  readonly #clock: Clock;
  readonly #heap: { key: string; entry: Entry }[] = [];
  readonly #byKey = new Map<string, Entry>();
  #sequence = 0;
  #cancel: (() => void) | undefined;
  #armedForMs = Infinity;
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** `dueMs` is on the clock's monotonic scale. */
  set(key: string, dueMs: number, callback: () => void): void {
    if (this.#stopped) return;
    const entry = { dueMs, sequence: this.#sequence++, callback };
    this.#byKey.set(key, entry);
    this.#push({ key, entry });
    if (dueMs < this.#armedForMs) this.#arm();
  }

  cancel(key: string): void {
    this.#byKey.delete(key);
  }

  /** Nothing fires after this. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#byKey.clear();
    this.#heap.length = 0;
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedForMs = Infinity;
    this.#dropReplaced();
    const next = this.#heap[0];
    if (!next || this.#stopped) return;
    this.#armedForMs = next.entry.dueMs;
    this.#cancel = this.#clock.after(Math.max(0, next.entry.dueMs - this.#clock.monotonicMs()), () => this.#fire());
  }

  #fire(): void {
    this.#cancel = undefined;
    const nowMs = this.#clock.monotonicMs();
    // What a callback sets for now waits for the next turn: two timers that keep setting each other must not hang us.
    const bound = this.#sequence;
    for (;;) {
      this.#dropReplaced();
      const next = this.#heap[0];
      if (!next || next.entry.dueMs > nowMs || next.entry.sequence >= bound) break;
      this.#pop();
      this.#byKey.delete(next.key);
      next.entry.callback();
    }
    this.#arm();
  }

  #dropReplaced(): void {
    for (let top = this.#heap[0]; top && this.#byKey.get(top.key) !== top.entry; top = this.#heap[0]) this.#pop();
  }

  #push(item: { key: string; entry: Entry }): void {
    const heap = this.#heap;
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) break;
      [heap[index], heap[parent]] = [heap[parent]!, heap[index]!];
      index = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (heap.length === 0 || !last) return;
    heap[0] = last;
    let index = 0;
    for (;;) {
      let smallest = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && this.#before(child, smallest)) smallest = child;
      }
      if (smallest === index) return;
      [heap[index], heap[smallest]] = [heap[smallest]!, heap[index]!];
      index = smallest;
    }
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a]!.entry, this.#heap[b]!.entry];
    return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.sequence < right.sequence);
  }
}
