import type { Clock } from '@pilothouse/component';
import type { EtcdClient } from '@pilothouse/etcd';
import type { StorageLogger } from './storage-logger.ts';

/** Upstream's key, outside the prefix, so that Go apiservers on the same etcd take part. */
const COMPACT_KEY = 'compact_rev_key';

/**
 * Forgets revisions older than one interval. Several apiservers take turns without knowing of each other: whoever finds
 * the key unchanged since it last looked writes the revision it then saw and compacts to it; the others find it changed
 * and wait another interval. So a revision lives at least one interval and at most two.
 */
export class Compactor {
  readonly #etcd: EtcdClient;
  readonly #clock: Clock;
  readonly #logger: StorageLogger;
  readonly #intervalMs: number;
  /** What the last look brought: the key's mod revision, and the store's own revision then. */
  #seen = { keyRevision: 0, storeRevision: 0 };
  #cancel: (() => void) | undefined;

  constructor(etcd: EtcdClient, clock: Clock, logger: StorageLogger, intervalMs: number) {
    this.#etcd = etcd;
    this.#clock = clock;
    this.#logger = logger;
    this.#intervalMs = intervalMs;
  }

  start(): void {
    if (this.#intervalMs <= 0) return;
    this.#cancel = this.#clock.after(this.#intervalMs, () => {
      this.start();
      this.compactOnce().catch((error: Error) =>
        this.#logger.warn({ err: error.message }, 'Compaction of etcd failed'),
      );
    });
  }

  close(): void {
    this.#cancel?.();
  }

  /** One turn; returns the revision compacted to, or undefined when it was not ours to compact. */
  async compactOnce(): Promise<number | undefined> {
    const { keyRevision, storeRevision } = this.#seen;
    const value = Buffer.from(String(storeRevision));
    const turn = await this.#etcd.kv.put({ key: COMPACT_KEY, value, expectedModRevision: keyRevision });
    if (!turn.succeeded) {
      this.#seen = { keyRevision: turn.current?.modRevision ?? 0, storeRevision: turn.revision };
      return undefined;
    }
    this.#seen = { keyRevision: turn.revision, storeRevision: turn.revision };
    // The first turn of all only notes where it began.
    if (storeRevision === 0) return undefined;
    await this.#etcd.kv.compact(storeRevision);
    this.#logger.info({ revision: storeRevision }, 'Compacted etcd');
    return storeRevision;
  }
}
