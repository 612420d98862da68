import type { Clock } from '@pilothouse/component';

/** A read that takes longer is not waited for alone: it may be stuck where the next one is not. */
const PATIENCE_MS = 500;

interface Asker {
  readonly resolve: (revision: number) => void;
  readonly reject: (error: unknown) => void;
}

/** A read under way, and who asked before it began. */
interface Read {
  readonly askers: Asker[];
}

/**
 * etcd's current revision, for consistent reads. However many ask at once, one read is under way and one waits: who asks
 * while a read is under way must not share its answer, because a write that the asker knows of may have come after it.
 * So a thousand concurrent GETs cost etcd two reads.
 *
 * A read can be stuck for as long as etcd takes to give it up (7 s, when it was sent to a leader that has died), while the
 * next would be answered at once. So every half second without an answer begins another one, which answers for all who
 * have asked until then.
 */
export class CurrentRevision {
  readonly #read: () => Promise<number>;
  readonly #clock: Clock;
  /** Oldest first. */
  #underWay: Read[] = [];
  #waiting: Asker[] = [];
  #cancelImpatience: (() => void) | undefined;

  /** `read` must be linearizable. */
  constructor(read: () => Promise<number>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  get(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#underWay.length === 0) this.#start();
    });
  }

  #start(): void {
    const read: Read = { askers: this.#waiting };
    this.#waiting = [];
    this.#underWay.push(read);
    this.#cancelImpatience?.();
    this.#cancelImpatience = this.#clock.after(PATIENCE_MS, () => this.#start());
    this.#read().then(
      (revision) => this.#succeeded(read, revision),
      (error: unknown) => this.#failed(read, error),
    );
  }

  /** It also answers whoever waits for a read that began earlier. */
  #succeeded(read: Read, revision: number): void {
    const place = this.#underWay.indexOf(read);
    // An earlier read whose askers a later one has answered already.
    if (place < 0) return;
    const answered = this.#underWay.splice(0, place + 1);
    for (const { askers } of answered) for (const { resolve } of askers) resolve(revision);
    this.#goOn();
  }

  /** A later read that is under way answers for it instead. */
  #failed(read: Read, error: unknown): void {
    const place = this.#underWay.indexOf(read);
    if (place < 0) return;
    this.#underWay.splice(place, 1);
    const later = this.#underWay[place];
    if (later) later.askers.push(...read.askers);
    else for (const { reject } of read.askers) reject(error);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#underWay.length > 0) return;
    this.#cancelImpatience?.();
    this.#cancelImpatience = undefined;
    if (this.#waiting.length > 0) this.#start();
  }
}
