import { EtcdCompacted, EtcdFutureRevision } from '@pilothouse/etcd';
import type { BookmarkSchedule } from './bookmark-schedule.ts';
import { listFromEtcd } from './etcd-list.ts';
import type { KeyLayout } from './key-layout.ts';
import { planList, type ListPlan, type Snapshot } from './list-plan.ts';
import type { Log } from './log.ts';
import { pageOf } from './page.ts';
import {
  continueExpired,
  futureResourceVersion,
  listExpired,
  parseResourceVersion,
  tooLargeResourceVersion,
  tooOldResourceVersion,
} from './storage-errors.ts';
import type { ListOptions, ListResult, ObjectName, WatchOptions } from './storage.ts';
import type { StoredVersion } from './stored-version.ts';
import type { StoreEtcd } from './transformed-etcd.ts';
import { initialEvent, type WatchCache } from './watch-cache.ts';
import type { Watcher } from './watcher.ts';

/** How long a read waits for the log to reach its revision; upstream's figure. */
const FRESH_TIMEOUT_MS = 3_000;

export interface ResourceReaderOptions {
  readonly etcd: StoreEtcd;
  readonly log: Log;
  readonly cache: WatchCache;
  readonly layout: KeyLayout;
  readonly bookmarks: BookmarkSchedule;
  readonly currentRevision: () => Promise<number>;
}

/**
 * Get, list and watch with the semantics of resource versions. Everything is answered from memory, except snapshots of
 * the past that differ from the present: those etcd still has.
 */
export class ResourceReader {
  readonly #options: ResourceReaderOptions;

  constructor(options: ResourceReaderOptions) {
    this.#options = options;
  }

  /** Undefined when it does not exist. */
  async get(name: ObjectName, resourceVersion: string): Promise<StoredVersion | undefined> {
    const revision = parseResourceVersion(resourceVersion);
    if (resourceVersion !== '') {
      if (revision > 0) await this.#notOlderThan(revision);
      return this.#options.cache.get(name);
    }
    if (await this.#caughtUp()) return this.#options.cache.get(name);
    return this.fetch(name);
  }

  /** What etcd has now, past the cache. */
  async fetch(name: ObjectName): Promise<StoredVersion | undefined> {
    const { etcd, layout, cache } = this.#options;
    const { kv } = await etcd.kv.get(layout.keyOf(name));
    return kv && cache.versionOf(name, kv);
  }

  async list(options: ListOptions): Promise<ListResult> {
    const plan = planList(options);
    const revision = await this.#settle(plan.snapshot);
    const { log, cache } = this.#options;
    const present = cache.lastChange <= revision && revision <= log.revision;
    if (!present) return this.#listPast(revision, plan, options);
    return pageOf(this.#candidates(plan.start, options), revision, plan.limit, options);
  }

  async watch(options: WatchOptions): Promise<Watcher> {
    const { cache, log } = this.#options;
    const revision = parseResourceVersion(options.resourceVersion);
    if (options.sendInitialEvents) await this.#settle(snapshotFor(options.resourceVersion, revision));
    else if (options.resourceVersion === '') await this.#settle({ kind: 'consistent' });
    else if (revision > log.revision) await this.#requireReached(revision);

    // From here on synchronous: the state handed out and the events that follow meet without a gap.
    const withState = options.sendInitialEvents ?? revision === 0;
    const after = withState || revision === 0 ? log.revision : revision;
    if (after < cache.oldest) throw tooOldResourceVersion(after, cache.oldest);
    const watcher = cache.watch(after, options);
    if (withState) watcher.startWith(this.#candidates('', options), initialEvent);
    else watcher.start(cache.changesAfter(after));
    if (options.allowBookmarks) this.#bookmark(watcher, options);
    return watcher;
  }

  #bookmark(watcher: Watcher, options: WatchOptions): void {
    const { log, bookmarks } = this.#options;
    if (options.sendInitialEvents) {
      watcher.bookmark({ type: 'BOOKMARK', revision: log.revision, initialEventsEnd: true });
    }
    const send = () => watcher.bookmark({ type: 'BOOKMARK', revision: log.revision });
    watcher.onEnd(bookmarks.add(send, options.timeoutMs));
  }

  /** The objects a list or an initial state can be made of, before the filter. */
  #candidates(start: string, { namespace, name }: Pick<ListOptions, 'namespace' | 'name'>): StoredVersion[] {
    const { cache, layout } = this.#options;
    if (name === undefined) return cache.list(namespace, start);
    if (start !== '' || (layout.namespaced && namespace === '')) {
      return cache.list(namespace, start).filter(({ key }) => key.name === name);
    }
    const object = cache.get({ namespace, name });
    return object ? [object] : [];
  }

  async #listPast(revision: number, plan: ListPlan, options: ListOptions): Promise<ListResult> {
    const { etcd, layout, cache } = this.#options;
    try {
      return await listFromEtcd(etcd.kv, layout, cache, revision, plan.start, plan.limit, options);
    } catch (error) {
      if (error instanceof EtcdCompacted) throw plan.continued ? continueExpired(plan.start) : listExpired();
      if (error instanceof EtcdFutureRevision) throw tooLargeResourceVersion(revision, this.#options.log.revision);
      throw error;
    }
  }

  /** Waits for what the snapshot needs and tells its revision. */
  async #settle(snapshot: Snapshot): Promise<number> {
    const { log } = this.#options;
    switch (snapshot.kind) {
      case 'consistent': {
        const revision = await this.#options.currentRevision();
        // A log that is late does not make the list wait: etcd has that snapshot too.
        return (await log.catchUp(revision, FRESH_TIMEOUT_MS)) ? log.revision : revision;
      }
      case 'any':
        return log.revision;
      case 'notOlderThan':
        await this.#notOlderThan(snapshot.revision);
        return log.revision;
      case 'exact':
        // Perhaps only this server's log is late, and a client saw the revision elsewhere.
        await log.waitFor(snapshot.revision, FRESH_TIMEOUT_MS);
        return snapshot.revision;
    }
  }

  async #notOlderThan(revision: number): Promise<void> {
    const { log } = this.#options;
    if (!(await log.waitFor(revision, FRESH_TIMEOUT_MS))) throw tooLargeResourceVersion(revision, log.revision);
  }

  /** Whoever names a revision has it from etcd, by way of some server: it is there, if only this log is late. */
  async #requireReached(revision: number): Promise<void> {
    const current = await this.#options.currentRevision();
    if (revision > current) throw futureResourceVersion(revision, current);
  }

  async #caughtUp(): Promise<boolean> {
    return this.#options.log.catchUp(await this.#options.currentRevision(), FRESH_TIMEOUT_MS);
  }
}

function snapshotFor(resourceVersion: string, revision: number): Snapshot {
  if (resourceVersion === '') return { kind: 'consistent' };
  return revision === 0 ? { kind: 'any' } : { kind: 'notOlderThan', revision };
}
