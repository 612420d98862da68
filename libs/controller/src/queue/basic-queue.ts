/** Notified of what happens to keys; all that metrics need. */
export interface QueueObserver<K> {
  added(key: K): void;
  taken(key: K): void;
  finished(key: K): void;
}

/**
 * Keys in order of arrival, each at most once, each in the hands of one worker at a time: a key added while it is being
 * handled waits until `done` and then comes again. See client-go's workqueue.Type.
 */
export class BasicQueue<K> {
  /** Waiting keys from `#head` on. */
  #waiting: K[] = [];
  #head = 0;
  /** To be handled: those waiting, and those that came while being handled. */
  readonly #dirty = new Set<K>();
  readonly #processing = new Set<K>();
  readonly #getters: ((key: K | undefined) => void)[] = [];
  readonly #observer: QueueObserver<K> | undefined;
  #shuttingDown = false;

  constructor(observer?: QueueObserver<K>) {
    this.#observer = observer;
  }

  get length(): number {
    return this.#waiting.length - this.#head;
  }

  get shuttingDown(): boolean {
    return this.#shuttingDown;
  }

  add(key: K): void {
    if (this.#shuttingDown || this.#dirty.has(key)) return;
    this.#observer?.added(key);
    this.#dirty.add(key);
    if (!this.#processing.has(key)) this.#offer(key);
  }

  /** Resolves with the next key, or undefined after shutDown once nothing is left. */
  get(): Promise<K | undefined> {
    if (this.length > 0) return Promise.resolve(this.#take(this.#shift()));
    if (this.#shuttingDown) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#getters.push(resolve));
  }

  done(key: K): void {
    if (!this.#processing.delete(key)) return;
    this.#observer?.finished(key);
    if (this.#dirty.has(key)) this.#offer(key);
  }

  /** Takes no more keys; those already waiting are still handed out. */
  shutDown(): void {
    this.#shuttingDown = true;
    if (this.length === 0) for (const getter of this.#getters.splice(0)) getter(undefined);
  }

  #offer(key: K): void {
    const getter = this.#getters.shift();
    if (getter) getter(this.#take(key));
    else this.#waiting.push(key);
  }

  #take(key: K): K {
    this.#observer?.taken(key);
    this.#processing.add(key);
    this.#dirty.delete(key);
    return key;
  }

  #shift(): K {
    const key = this.#waiting[this.#head++]!;
    // Cut off what has been taken, but not for each key: that would cost time in proportion to the queue.
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return key;
  }
}
