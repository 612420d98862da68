import type { Clock } from '@pilothouse/component';

/** For each key a bucket of tokens that fills steadily up to the burst. Of too many keys the least used is forgotten. */
export class TokenBuckets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #size: number;
  readonly #clock: Clock;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(perSecond: number, burst: number, size: number, clock: Clock) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#size = size;
    this.#clock = clock;
  }

  /** Whether there was a token for this key. */
  take(key: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const { tokens, atMs } = this.#buckets.get(key) ?? { tokens: this.#burst, atMs: nowMs };
    const present = Math.min(this.#burst, tokens + (nowMs - atMs) * this.#perMs);
    const given = present >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: given ? present - 1 : present, atMs: nowMs });
    if (this.#buckets.size > this.#size) this.#buckets.delete(this.#buckets.keys().next().value!);
    return given;
  }
}
