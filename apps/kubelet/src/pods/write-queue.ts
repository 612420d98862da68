import type { Clock } from '@pilothouse/component';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/**
 * Runs the writes of many pods, so many at a time. A key that is asked for again while its write is under way runs
 * once more afterwards; asked for ten times, still once: each write takes the newest state when it starts.
 */
export class WriteQueue {
  readonly #write: (key: string) => Promise<void>;
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #onError: (key: string, error: unknown) => void;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  #idle: (() => void)[] = [];
  #stopped = false;

  constructor(options: {
    write: (key: string) => Promise<void>;
    clock: Clock;
    concurrency: number;
    onError: (key: string, error: unknown) => void;
  }) {
    this.#write = options.write;
    this.#clock = options.clock;
    this.#concurrency = options.concurrency;
    this.#onError = options.onError;
  }

  get depth(): number {
    return this.#waiting.size + this.#active.size;
  }

  add(key: string): void {
    if (this.#stopped) return;
    if (this.#active.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#next();
  }

  /** Takes no more; resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    this.#again.clear();
    if (this.#active.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #next(): void {
    while (this.#active.size < this.#concurrency) {
      const { value: key } = this.#waiting.values().next();
      if (key === undefined) return;
      this.#waiting.delete(key);
      this.#active.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#write(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#onError(key, error);
      this.#retry(key);
    }
    this.#active.delete(key);
    if (this.#again.delete(key)) this.#waiting.add(key);
    this.#next();
    if (this.#stopped && this.#active.size === 0) this.#idle.splice(0).forEach((resolve) => resolve());
  }

  #retry(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#clock.after(Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS), () => this.add(key));
  }
}
