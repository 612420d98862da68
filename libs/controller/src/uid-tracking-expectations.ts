import type { Clock } from '@pilothouse/component';
import { ControllerExpectations } from './expectations.ts';

/**
 * Expectations that know which objects are to go, because a graceful deletion is seen twice: as an update that sets
 * the deletion timestamp, and as the delete itself. Only the first counts. See upstream's UIDTrackingControllerExpectations.
 */
export class UidTrackingExpectations {
  readonly #counts: ControllerExpectations;
  readonly #awaited = new Map<string, Set<string>>();

  constructor(clock: Clock) {
    this.#counts = new ControllerExpectations(clock);
  }

  satisfied(key: string): boolean {
    return this.#counts.satisfied(key);
  }

  /** So many creations, and the deletion of these objects (by key). */
  expect(key: string, creations: number, deletedKeys: readonly string[]): void {
    this.#awaited.set(key, new Set(deletedKeys));
    this.#counts.expect(key, creations, deletedKeys.length);
  }

  expectCreations(key: string, count: number): void {
    this.#counts.expectCreations(key, count);
  }

  /** Waits for these objects (by key) to be seen deleted. */
  expectDeletions(key: string, objectKeys: readonly string[]): void {
    this.#awaited.set(key, new Set(objectKeys));
    this.#counts.expectDeletions(key, objectKeys.length);
  }

  creationObserved(key: string): void {
    this.#counts.creationObserved(key);
  }

  /** Counts the first time only, and only for an object that is awaited. */
  deletionObserved(key: string, objectKey: string): void {
    if (this.#awaited.get(key)?.delete(objectKey)) this.#counts.deletionObserved(key);
  }

  forget(key: string): void {
    this.#awaited.delete(key);
    this.#counts.forget(key);
  }
}
