/**
 * etcd's current revision, for consistent reads. However many ask at once, one read is under way and one waits: who asks
 * while a read is under way must not share its answer, because a write that the asker knows of may have come after it.
 * So a thousand concurrent GETs cost etcd two reads.
 */
export class CurrentRevision {
  readonly #read: () => Promise<number>;
  #underWay: Promise<number> | undefined;
  #next: Promise<number> | undefined;

  /** `read` must be linearizable. */
  constructor(read: () => Promise<number>) {
    this.#read = read;
  }

  get(): Promise<number> {
    if (!this.#underWay) return this.#start();
    this.#next ??= this.#underWay.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  #startNext(): Promise<number> {
    this.#next = undefined;
    return this.#start();
  }

  #start(): Promise<number> {
    const reading = this.#read().finally(() => {
      if (this.#underWay === reading) this.#underWay = undefined;
    });
    this.#underWay = reading;
    return reading;
  }
}
