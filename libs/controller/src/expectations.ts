import type { Clock } from '@pilothouse/component';

/** As upstream: longer than any watch should lag; after it a controller trusts its cache again. */
const TIMEOUT_MS = 5 * 60_000;

interface Expectation {
  creations: number;
  deletions: number;
  readonly setAtMs: number;
}

/**
 * What a controller has asked for and its cache has not shown yet. Until it does, the cache's count of, say, pods is
 * known to be wrong, and acting on it would create or delete twice. See upstream's ControllerExpectations.
 */
export class ControllerExpectations {
  readonly #clock: Clock;
  readonly #expectations = new Map<string, Expectation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Fulfilled, timed out, or never set: the controller may act on its cache. */
  satisfied(key: string): boolean {
    const expectation = this.#expectations.get(key);
    if (!expectation) return true;
    if (expectation.creations <= 0 && expectation.deletions <= 0) return true;
    return this.#clock.monotonicMs() - expectation.setAtMs > TIMEOUT_MS;
  }

  /** Both at once; the one would otherwise take the place of the other. */
  expect(key: string, creations: number, deletions: number): void {
    this.#set(key, creations, deletions);
  }

  expectCreations(key: string, count: number): void {
    this.#set(key, count, 0);
  }

  expectDeletions(key: string, count: number): void {
    this.#set(key, 0, count);
  }

  creationObserved(key: string): void {
    this.lower(key, 1, 0);
  }

  deletionObserved(key: string): void {
    this.lower(key, 0, 1);
  }

  /** Adds to both counts without restarting the timeout. */
  raise(key: string, creations: number, deletions: number): void {
    this.lower(key, -creations, -deletions);
  }

  /** Lowers both counts: for what was seen, and for work that turned out not to happen. */
  lower(key: string, creations: number, deletions: number): void {
    const expectation = this.#expectations.get(key);
    if (!expectation) return;
    expectation.creations -= creations;
    expectation.deletions -= deletions;
  }

  /** For a controller object that is gone. */
  forget(key: string): void {
    this.#expectations.delete(key);
  }

  #set(key: string, creations: number, deletions: number): void {
    this.#expectations.set(key, { creations, deletions, setAtMs: this.#clock.monotonicMs() });
  }
}
