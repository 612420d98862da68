import type { Change } from './change.ts';
import type { StoredBookmark, StoredEvent, WatchOptions } from './storage.ts';
import type { StoredVersion } from './stored-version.ts';

/** How many events may wait for a reader that does not come; initial and resumed ones apart. */
const MAX_WAITING = 10_000;

type Result = IteratorResult<readonly StoredEvent[], undefined>;

/**
 * One open watch. The cache offers it every change as it happens; the reader takes what has gathered since, one batch at
 * a time. A reader that lags too far is ended rather than allowed to hold up others or memory: it can resume.
 */
export class Watcher implements AsyncIterableIterator<readonly StoredEvent[]> {
  readonly #options: Pick<WatchOptions, 'namespace' | 'name' | 'filter'>;
  readonly #onEnd: ((dropped: boolean) => void)[] = [];
  #waiting: StoredEvent[] = [];
  /** How many of those waiting do not count: they were there from the start. */
  #allowance = 0;
  #reader: { resolve(result: Result): void; reject(error: unknown): void } | undefined;
  #flushing = false;
  #over = false;
  #error: unknown;
  /** Changes up to here are the reader's past. */
  #after: number;

  constructor(after: number, options: Pick<WatchOptions, 'namespace' | 'name' | 'filter'>) {
    this.#after = after;
    this.#options = options;
  }

  /** Called once, when no more events come; `dropped` when the reader did not keep up. */
  onEnd(callback: (dropped: boolean) => void): void {
    if (this.#over) callback(false);
    else this.#onEnd.push(callback);
  }

  /** What the reader gets first: the current state, or what it missed. */
  start(changes: readonly Change[]): void {
    for (const change of changes) this.#take(change);
    this.#allowance = this.#waiting.length;
    this.#wake();
  }

  startWith(objects: readonly StoredVersion[], added: (object: StoredVersion) => Change): void {
    const { filter } = this.#options;
    for (const object of objects) {
      if (!this.#covers(object) || (filter && !filter(object))) continue;
      this.#waiting.push(added(object));
    }
    this.#allowance = this.#waiting.length;
    this.#wake();
  }

  offer(change: Change): void {
    if (this.#over || change.revision <= this.#after) return;
    this.#take(change);
    if (this.#waiting.length > MAX_WAITING + this.#allowance) this.#finish(true);
    else this.#wake();
  }

  bookmark(event: StoredBookmark): void {
    if (this.#over || event.revision < this.#after) return;
    this.#waiting.push(event);
    this.#wake();
  }

  /** With an error the reader gets what has gathered, then the error. */
  end(error?: unknown): void {
    if (this.#over) return;
    this.#error = error;
    this.#finish(false);
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#deliver();
    });
  }

  async return(): Promise<Result> {
    this.#waiting = [];
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #covers({ key }: StoredVersion): boolean {
    const { namespace, name } = this.#options;
    return (namespace === '' || key.namespace === namespace) && (name === undefined || key.name === name);
  }

  #take(change: Change): void {
    if (!this.#covers(change.object)) return;
    const seen = this.#options.filter ? change.seenThrough(this.#options.filter) : change;
    if (seen) this.#waiting.push(seen);
  }

  /** In a microtask, so that all changes of one answer from etcd make one batch. */
  #wake(): void {
    if (this.#flushing || !this.#reader || this.#waiting.length === 0) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const reader = this.#reader;
    if (!reader) return;
    if (this.#waiting.length > 0) {
      const value = this.#waiting;
      this.#waiting = [];
      this.#allowance = 0;
      this.#reader = undefined;
      reader.resolve({ done: false, value });
    } else if (this.#over) {
      this.#reader = undefined;
      const error = this.#error;
      this.#error = undefined;
      if (error === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(error);
    }
  }

  #finish(dropped: boolean): void {
    this.#over = true;
    if (dropped) this.#waiting = [];
    for (const callback of this.#onEnd) callback(dropped);
    this.#deliver();
  }
}
