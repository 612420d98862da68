import type { Clock } from '@pilothouse/component';
import { prefixEnd, type KeyValue, type WatchEvent } from '@pilothouse/etcd';
import type { StorageLogger } from './storage-logger.ts';
import type { StorageMetrics } from './storage.ts';
import type { StoreEtcd } from './transformed-etcd.ts';

const PAGE_SIZE = 1_000;
const RETRY_MS = 250;

/** Whoever follows the log under one prefix: a watch cache. */
export interface LogFollower {
  apply(event: WatchEvent): void;
  /** The state at `revision`, in place of all that was known. */
  reset(kvs: readonly KeyValue[], revision: number): void;
}

interface Following {
  readonly root: string;
  readonly follower: LogFollower;
  /** Events that came while the first listing was under way; undefined once it is in. */
  pending: WatchEvent[] | undefined;
}

interface Waiter {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  count: number;
}

export interface LogOptions {
  readonly etcd: StoreEtcd;
  /** With a slash at the end. */
  readonly root: string;
  readonly currentRevision: () => Promise<number>;
  readonly clock: Clock;
  readonly logger: StorageLogger;
  readonly metrics: StorageMetrics;
}

/**
 * etcd as one ordered log. A single watch over the whole key space brings every revision, whoever wrote it (also keys
 * that are not ours, such as compact_rev_key), so `revision` says what every follower has reached, a consistent read
 * needs nothing but the current revision, and progress notifications are not needed at all.
 *
 * When the watch cannot go on (its place is compacted, or etcd was restored from a backup), everything is listed again
 * at one revision and every follower is reset to it.
 */
export class Log {
  readonly #options: LogOptions;
  readonly #followings = new Map<string, Following>();
  readonly #waiters = new Map<number, Waiter>();
  #revision = 0;
  #clusterId = '';
  #watch: ReturnType<StoreEtcd['watch']> | undefined;
  #connected = false;
  #interrupted = false;
  /** Grows with every relisting: a listing that began before one is void, and so is one made during it. */
  #epoch = 0;
  #relisting = false;
  #closed = false;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /** Every follower that is filled has every revision up to here. */
  get revision(): number {
    return this.#revision;
  }

  get connected(): boolean {
    return this.#connected;
  }

  async start(): Promise<void> {
    this.#revision = await this.#options.currentRevision();
    this.#open();
  }

  /** Resolves when the log has reached `revision`; false when it has not within `timeoutMs`. */
  async waitFor(revision: number, timeoutMs: number): Promise<boolean> {
    if (this.#revision >= revision) return true;
    let waiter = this.#waiters.get(revision);
    if (!waiter) {
      waiter = { ...Promise.withResolvers<void>(), count: 0 };
      this.#waiters.set(revision, waiter);
    }
    waiter.count++;
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(timeoutMs, late.resolve);
    await Promise.race([waiter.promise, late.promise]);
    cancel();
    // A revision that never comes must not be waited for forever.
    if (--waiter.count === 0 && this.#waiters.get(revision) === waiter) this.#waiters.delete(revision);
    return this.#revision >= revision;
  }

  /**
   * The same for a revision that etcd has told us of. When the log has not moved at all meanwhile, the member that it
   * watches is stuck, though its connection shows nothing of it: then the watch goes on at another.
   */
  async catchUp(revision: number, timeoutMs: number): Promise<boolean> {
    const before = this.#revision;
    if (await this.waitFor(revision, timeoutMs)) return true;
    if (this.#connected && this.#revision === before) {
      this.#watch?.moveOn(new Error(`etcd is at revision ${revision}, its watch still at ${before}`));
    }
    return false;
  }

  /**
   * Lists `<root><prefix>/` at the log's present revision and follows it from there; resolves when the listing is in,
   * rejects when it is detached before. Throws at once when the prefix overlaps another.
   */
  attach(prefix: string, follower: LogFollower): Promise<void> {
    for (const other of this.#followings.keys()) {
      if (`${other}/`.startsWith(`${prefix}/`) || `${prefix}/`.startsWith(`${other}/`)) {
        throw new RangeError(`storage prefix ${prefix} is taken by ${other}`);
      }
    }
    const following: Following = { root: `${this.#options.root}${prefix}/`, follower, pending: [] };
    this.#followings.set(prefix, following);
    return this.#fillAtLast(prefix, following);
  }

  /** Lists everything again, because what was read before can be read better now. */
  startOver(why: string): void {
    if (!this.#closed && !this.#relisting) void this.#relist(why);
  }

  detach(prefix: string): void {
    this.#followings.delete(prefix);
  }

  close(): void {
    this.#closed = true;
    this.#watch?.close();
    this.#followings.clear();
    for (const { resolve } of this.#waiters.values()) resolve();
    this.#waiters.clear();
  }

  #open(): void {
    this.#watch = this.#options.etcd.watch(
      { key: '\0', rangeEnd: '\0', startRevision: this.#revision + 1 },
      {
        events: (events, revision) => this.#advance(events, revision),
        opened: (revision, clusterId) => this.#opened(revision, clusterId),
        interrupted: (error) => {
          // Said once per interruption, not once per attempt.
          if (!this.#interrupted) this.#options.logger.warn({ err: error.message }, 'Watch of etcd interrupted');
          this.#connected = false;
          this.#interrupted = true;
        },
        compacted: (error) => void this.#relist(`revision ${this.#revision} was compacted at ${error.compactRevision}`),
      },
    );
  }

  #advance(events: readonly WatchEvent[], revision: number): void {
    try {
      for (const event of events) {
        const following = this.#followingOf(event.kv.key);
        if (!following) continue;
        if (following.pending) following.pending.push(event);
        else following.follower.apply(event);
      }
    } catch (error) {
      // Part of it is applied, and the watch would go on behind it: the rest must not be lost.
      void this.#relist(`events up to ${revision} could not be applied: ${String(error)}`);
      return;
    }
    this.#reach(revision);
  }

  #reach(revision: number): void {
    this.#revision = revision;
    this.#options.metrics.logRevision?.(revision);
    for (const [wanted, { resolve }] of this.#waiters) {
      if (wanted > revision) continue;
      this.#waiters.delete(wanted);
      resolve();
    }
  }

  /** Prefixes have one segment (`pods`) or two (`services/specs`, `<group>/<resource>`). */
  #followingOf(key: string): Following | undefined {
    const { root } = this.#options;
    if (!key.startsWith(root)) return undefined;
    const first = key.indexOf('/', root.length);
    if (first < 0) return undefined;
    const one = this.#followings.get(key.slice(root.length, first));
    if (one) return one;
    const second = key.indexOf('/', first + 1);
    return second < 0 ? undefined : this.#followings.get(key.slice(root.length, second));
  }

  async #fillAtLast(prefix: string, following: Following): Promise<void> {
    while (!(await this.#fill(following))) {
      if (this.#closed || this.#followings.get(prefix) !== following)
        throw new Error(`storage of ${prefix} was closed`);
    }
  }

  /** False when it has to be tried again. */
  async #fill(following: Following): Promise<boolean> {
    if (this.#relisting) {
      await this.#options.clock.sleep(RETRY_MS);
      return false;
    }
    const [epoch, revision] = [this.#epoch, this.#revision];
    following.pending = [];
    let kvs: KeyValue[];
    try {
      kvs = await this.#listAll(following.root, revision);
    } catch (error) {
      this.#options.logger.warn({ err: (error as Error).message, prefix: following.root }, 'Listing from etcd failed');
      await this.#options.clock.sleep(RETRY_MS);
      return false;
    }
    // After a relisting the log went on from somewhere else, and `pending` has a hole.
    if (epoch !== this.#epoch || this.#closed) return false;
    following.follower.reset(kvs, revision);
    for (const event of following.pending) following.follower.apply(event);
    following.pending = undefined;
    return true;
  }

  async #listAll(root: string, revision: number): Promise<KeyValue[]> {
    const all: KeyValue[] = [];
    let key = root;
    for (;;) {
      const { kvs, more } = await this.#options.etcd.kv.range({
        key,
        rangeEnd: prefixEnd(root),
        revision,
        limit: PAGE_SIZE,
      });
      for (const kv of kvs) all.push(kv);
      if (!more) return all;
      key = `${kvs.at(-1)!.key}\0`;
    }
  }

  /**
   * A member that answers with an older revision than ours is behind the others, or etcd was set back to a backup; only a
   * linearizable read can tell. A restored cluster has another id, whatever its revision.
   */
  #opened(revision: number, clusterId: string): void {
    if (this.#clusterId !== '' && clusterId !== this.#clusterId) {
      this.#clusterId = clusterId;
      void this.#relist('etcd is another cluster than before');
      return;
    }
    this.#clusterId = clusterId;
    this.#connected = true;
    this.#interrupted = false;
    if (revision >= this.#revision) return;
    const [epoch, reached] = [this.#epoch, this.#revision];
    this.#options.currentRevision().then(
      (current) => {
        if (current < reached && epoch === this.#epoch)
          void this.#relist(`etcd went back from revision ${reached} to ${current}`);
      },
      () => {},
    );
  }

  async #relist(why: string): Promise<void> {
    this.#watch?.close();
    this.#connected = false;
    this.#relisting = true;
    this.#epoch++;
    this.#options.logger.warn(
      { revision: this.#revision, why },
      'Lost the place in the log of etcd, listing everything',
    );
    while (!this.#closed) {
      try {
        const revision = await this.#options.currentRevision();
        const filled = [...this.#followings.values()].filter((each) => !each.pending);
        const listings = await Promise.all(filled.map((each) => this.#listAll(each.root, revision)));
        if (this.#closed) return;
        filled.forEach((each, index) => each.follower.reset(listings[index]!, revision));
        this.#relisting = false;
        this.#reach(revision);
        this.#options.metrics.logRelisted?.();
        this.#open();
        return;
      } catch (error) {
        this.#options.logger.warn({ err: (error as Error).message }, 'Listing everything failed');
        await this.#options.clock.sleep(RETRY_MS);
      }
    }
  }
}
