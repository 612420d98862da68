import type { Change } from './change.ts';
import { lowerBound } from './key-index.ts';

/** As many changes are always kept, however old. */
const MIN_EVENTS = 100;
/** As many at most, however young. */
const MAX_EVENTS = 100_000;
/** Younger ones are kept, so that a client that was cut off for a minute can go on where it was. Upstream's figure. */
const FRESH_MS = 75_000;
/** By then every live watch has sent it, and only one that resumes will ask again. */
const WARM_MS = 5_000;

interface Entry {
  readonly change: Change;
  readonly atMs: number;
}

/** The recent changes of one resource, from which a watch resumes. */
export class EventHistory {
  readonly #nowMs: () => number;
  #entries: Entry[] = [];
  /** Entries before it are forgotten; the array is cut when they are the half of it, so forgetting costs nothing. */
  #first = 0;
  /** Entries before it have cooled. */
  #warm = 0;
  #base: number;

  constructor(base: number, nowMs: () => number) {
    this.#base = base;
    this.#nowMs = nowMs;
  }

  /** The oldest revision after which every change is known. */
  get base(): number {
    return this.#base;
  }

  append(change: Change): void {
    const atMs = this.#nowMs();
    this.#entries.push({ change, atMs });
    this.#cool(atMs - WARM_MS);
    for (;;) {
      const length = this.#entries.length - this.#first;
      const oldest = this.#entries[this.#first]!;
      if (length <= MIN_EVENTS || (length <= MAX_EVENTS && atMs - oldest.atMs < FRESH_MS)) break;
      this.#base = oldest.change.revision;
      this.#first++;
    }
    if (this.#first > MIN_EVENTS && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#warm = Math.max(0, this.#warm - this.#first);
      this.#first = 0;
    }
  }

  /** In order; only meaningful for a revision not before `base`. */
  after(revision: number): Change[] {
    const position = lowerBound(this.#entries, ({ change }) => change.revision <= revision);
    return this.#entries.slice(Math.max(position, this.#first)).map(({ change }) => change);
  }

  /** Forgets everything: what happened up to `base` is not known. */
  reset(base: number): void {
    this.#entries = [];
    this.#first = 0;
    this.#warm = 0;
    this.#base = base;
  }

  #cool(untilMs: number): void {
    for (; this.#entries[this.#warm]!.atMs <= untilMs; this.#warm++) this.#entries[this.#warm]!.change.cool();
  }
}
