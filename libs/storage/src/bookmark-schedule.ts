import type { Clock } from '@pilothouse/component';

/** Upstream's figures: about one bookmark a minute, and one shortly before the request ends. */
const PERIOD_MS = 60_000;
const JITTER = 0.25;
const BEFORE_TIMEOUT_MS = 2_000;
const TICK_MS = 1_000;

interface Entry {
  readonly send: () => void;
  /** Undefined for a watch without a time limit. */
  readonly lastAtMs: number | undefined;
  dueMs: number;
}

/**
 * When each watch is due a bookmark. One timer for all, running only while there are any, because thousands of watches
 * want one a minute each and none of them cares about the second.
 */
export class BookmarkSchedule {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #entries = new Set<Entry>();
  #cancelTick: (() => void) | undefined;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Returns how to take the watch off the schedule. */
  add(send: () => void, timeoutMs: number | undefined): () => void {
    const now = this.#clock.monotonicMs();
    const lastAtMs = timeoutMs === undefined ? undefined : now + Math.max(timeoutMs - BEFORE_TIMEOUT_MS, 0);
    const entry: Entry = { send, lastAtMs, dueMs: 0 };
    this.#plan(entry, now);
    this.#entries.add(entry);
    this.#cancelTick ??= this.#clock.after(TICK_MS, () => this.#tick());
    return () => this.#entries.delete(entry);
  }

  close(): void {
    this.#entries.clear();
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #tick(): void {
    this.#cancelTick = undefined;
    const now = this.#clock.monotonicMs();
    for (const entry of this.#entries) {
      if (entry.dueMs > now) continue;
      this.#plan(entry, now);
      entry.send();
    }
    if (this.#entries.size > 0) this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
  }

  #plan(entry: Entry, now: number): void {
    const regular = now + PERIOD_MS * (1 - JITTER * this.#random());
    entry.dueMs = entry.lastAtMs !== undefined && entry.lastAtMs > now ? Math.min(regular, entry.lastAtMs) : regular;
  }
}
