import type { KeyValue, WatchEvent } from '@pilothouse/etcd';
import type { StoredKeyValue } from './transformed-etcd.ts';
import { expired } from '@pilothouse/apimachinery';
import { Change } from './change.ts';
import { EventHistory } from './event-history.ts';
import { KeyIndex } from './key-index.ts';
import type { KeyLayout } from './key-layout.ts';
import type { ObjectName, StorageCodec, StorageMetrics, WatchOptions } from './storage.ts';
import { StoredVersion } from './stored-version.ts';
import { Watcher } from './watcher.ts';

export interface WatchCacheOptions {
  readonly layout: KeyLayout;
  readonly codec: StorageCodec;
  /** For metrics: `deployments.apps`. */
  readonly label: string;
  readonly metrics: StorageMetrics;
  readonly nowMs: () => number;
}

/**
 * The log's view of one resource: what there is, what happened lately, and who is watching. Changes only inside
 * `apply` and `reset`, synchronously, so whatever is read between two turns of the event loop is one revision of it all.
 */
export class WatchCache {
  readonly #options: WatchCacheOptions;
  readonly #objects = new KeyIndex<StoredVersion>();
  readonly #history: EventHistory;
  readonly #watchers = new Set<Watcher>();
  /** Versions that a write returned before the log brought them, by revision. */
  readonly #awaited = new Map<number, StoredVersion>();
  #lastChange = 0;
  #bytes = 0;

  constructor(options: WatchCacheOptions) {
    this.#options = options;
    this.#history = new EventHistory(0, options.nowMs);
  }

  get count(): number {
    return this.#objects.size;
  }

  /** What all objects take in etcd, their keys aside. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The newest revision that changed this resource: every snapshot from there on is the present state. */
  get lastChange(): number {
    return this.#lastChange;
  }

  /** The oldest revision a watch can resume from. */
  get oldest(): number {
    return this.#history.base;
  }

  get(name: ObjectName): StoredVersion | undefined {
    return this.#objects.get(name);
  }

  list(namespace: string, start?: string): StoredVersion[] {
    return this.#objects.list(namespace, start);
  }

  /** One event from the log; the key is known to be under this resource's root. */
  apply({ type, kv }: WatchEvent): void {
    const name = this.#options.layout.nameOf(kv.key);
    if (!name) return;
    if (type === 'put') {
      const object = this.#arrived(name, kv);
      const previous = this.#objects.set(object);
      this.#bytes += object.value.length - (previous?.value.length ?? 0);
      this.#publish(Change.put(object, previous));
    } else {
      const previous = this.#objects.delete(name);
      if (!previous) return;
      this.#bytes -= previous.value.length;
      this.#publish(Change.deletion(previous, kv.modRevision));
    }
  }

  /**
   * Takes a whole listing at `revision` for the state. Versions already here are kept with what was decoded of them. What
   * happened in between is unknown, so watches are ended with 410: their clients list again and lose nothing.
   */
  reset(kvs: readonly KeyValue[], revision: number): void {
    const objects = kvs.flatMap((kv) => {
      const name = this.#options.layout.nameOf(kv.key);
      return name ? [this.versionOf(name, kv)] : [];
    });
    this.#objects.clear();
    this.#bytes = 0;
    for (const object of objects) {
      this.#objects.set(object);
      this.#bytes += object.value.length;
    }
    this.#awaited.clear();
    this.#history.reset(revision);
    this.#lastChange = revision;
    this.endWatchers(expired('The resourceVersion for the provided watch is too old.'));
    this.#options.metrics.cacheObjects?.(this.#options.label, this.count);
  }

  /** The one StoredVersion of what etcd returned: the cache's own if it is at that revision. */
  versionOf(name: ObjectName, kv: KeyValue): StoredVersion {
    const cached = this.#objects.get(name);
    // The same revision with other content: etcd was set back to a backup, and went on differently.
    if (cached?.revision === kv.modRevision && cached.holds(kv.value)) return cached.markRead(kv);
    return this.#read(name, kv);
  }

  /** The version that a write made, to be shared with the event that the log brings of it, whichever comes first. */
  written(name: ObjectName, value: Buffer, revision: number, logRevision: number): StoredVersion {
    const cached = this.#objects.get(name);
    if (cached?.revision === revision) return cached.markEncodedHere();
    const object = new StoredVersion(name, value, revision, this.#options.codec).markEncodedHere();
    if (revision > logRevision) this.#awaited.set(revision, object);
    return object;
  }

  /** Opens a watch of what happens after `revision`, which must be in the past of the cache or its present. */
  watch(after: number, options: Pick<WatchOptions, 'namespace' | 'name' | 'filter'>): Watcher {
    const { metrics, label } = this.#options;
    const watcher = new Watcher(after, options);
    this.#watchers.add(watcher);
    metrics.watchers?.(label, this.#watchers.size);
    watcher.onEnd((dropped) => {
      this.#watchers.delete(watcher);
      metrics.watchers?.(label, this.#watchers.size);
      if (dropped) metrics.watcherDropped?.(label);
    });
    return watcher;
  }

  /** What happened after `revision`, which must not be before `oldest`. */
  changesAfter(revision: number): Change[] {
    return this.#history.after(revision);
  }

  /** When the version of `revision` was deleted, if that is still remembered. */
  deletionOf({ namespace, name }: ObjectName, revision: number): number | undefined {
    return this.#history
      .after(revision)
      .find(({ type, object: { key } }) => type === 'DELETED' && key.name === name && key.namespace === namespace)
      ?.revision;
  }

  endWatchers(error?: unknown): void {
    for (const watcher of this.#watchers) watcher.end(error);
  }

  #arrived(name: ObjectName, kv: KeyValue): StoredVersion {
    const awaited = this.#awaited.get(kv.modRevision);
    if (!awaited?.holds(kv.value)) return this.#read(name, kv);
    this.#awaited.delete(kv.modRevision);
    return awaited;
  }

  #read(name: ObjectName, kv: StoredKeyValue): StoredVersion {
    return new StoredVersion(name, kv.value, kv.modRevision, this.#options.codec).markRead(kv);
  }

  #publish(change: Change): void {
    this.#lastChange = change.revision;
    this.#history.append(change);
    const { metrics, label } = this.#options;
    metrics.cacheEvent?.(label, change.type);
    if (change.type !== 'MODIFIED') metrics.cacheObjects?.(label, this.count);
    for (const watcher of this.#watchers) {
      try {
        watcher.offer(change);
      } catch (error) {
        // A filter met an object it cannot read: this watch cannot go on truthfully, the others can.
        watcher.end(error);
      }
    }
  }
}

/** A synthetic event for an object that was there before the watch. */
export function initialEvent(object: StoredVersion): Change {
  return new Change('ADDED', object, undefined, object.revision);
}
