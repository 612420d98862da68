import type { KubeObject } from '@pilothouse/apimachinery';

/**
 * Everything one apiserver keeps: one log over etcd's whole key space and a store per resource over it. Made by
 * `openStorage({ etcd, prefix })`.
 */
export interface Storage {
  /**
   * A store over `<prefix>/<storagePrefix>/…`, at any time: its cache fills in the background from the log's present
   * revision, and every call on it waits for that. A prefix has at most one store; `close` the old one first.
   */
  resource(options: ResourceStoreOptions): ResourceStore;
  /** etcd's current revision, by a linearizable read that all callers of the moment share. */
  currentRevision(): Promise<number>;
  /** The revision every cache has reached. */
  readonly revision: number;
  /** Resolves once every cache made so far holds its resource. */
  ready(): Promise<void>;
  /** `timeoutMs`: how long etcd may take to answer; 2 s unless told. */
  health(timeoutMs?: number): Promise<StorageHealth>;
  /** Ends every watch, the log and compaction; the etcd client stays open, it is the caller's. */
  close(): Promise<void>;
}

export interface ResourceStoreOptions {
  readonly group: string;
  /** Plural, lower case: `pods`; for messages. */
  readonly resource: string;
  /** Below the storage's prefix, without slashes at the ends: `pods`, `services/specs`, `stable.example.com/crontabs`. */
  readonly storagePrefix: string;
  readonly namespaced: boolean;
  readonly codec: StorageCodec;
  /** Seconds after which etcd forgets a written object (events: 3600). */
  readonly ttlSeconds?: number;
}

/**
 * Stored bytes ⇄ object in the storage version. Bytes hold no resourceVersion. `decode` must accept both encodings
 * (`k8s\0` + runtime.Unknown, or JSON), whatever `encode` makes, because other servers may have written them.
 */
export interface StorageCodec {
  encode(object: KubeObject): Buffer;
  decode(bytes: Buffer): KubeObject;
  /** For `protobuf()` of values that this process did not encode; absent for custom resources, which have no Protobuf. */
  encodeProtobuf?(object: KubeObject): Buffer;
}

export type EtcdAlarm = 'NOSPACE' | 'CORRUPT';

export interface StorageHealth {
  readonly ok: boolean;
  /** The log is connected and has every revision that etcd had at the last consistent read. */
  readonly following: boolean;
  readonly revision: number;
  /** Why not `ok`: etcd unreachable, a cache that is still filling. */
  readonly problems: readonly string[];
  /** etcd's alarms: `NOSPACE`, `CORRUPT`. With the former it still reads and deletes, so they do not count against `ok`. */
  readonly alarms: readonly EtcdAlarm[];
}

/** Called at the moments worth counting; every method is optional and must not throw. */
export interface StorageMetrics {
  /** One call of a ResourceStore: `get list watch create update delete`; a watch's time is that until it is open. */
  request?(operation: string, resource: string, seconds: number, outcome: 'ok' | 'error'): void;
  /** One linearizable read of the current revision, shared by all consistent reads of the moment. */
  currentRevisionRead?(seconds: number): void;
  /** One event came into a resource's cache. */
  cacheEvent?(resource: string, type: 'ADDED' | 'MODIFIED' | 'DELETED'): void;
  cacheObjects?(resource: string, count: number): void;
  watchers?(resource: string, count: number): void;
  /** A watcher was ended because it did not keep up. */
  watcherDropped?(resource: string): void;
  logRevision?(revision: number): void;
  /** What `health` found; empty when there is none. */
  alarms?(alarms: readonly EtcdAlarm[]): void;
  /** The log lost its place (compaction, restored etcd) and listed everything again. */
  logRelisted?(): void;
}

/**
 * The storage contract of one resource, over the one log (see docs/architecture.md).
 *
 * - A resource version is an etcd revision in decimal. The empty string means "consistent, most recent"; "0" means
 *   "whatever you have".
 * - Objects handed out are shared and frozen in spirit: never change one; copy the changed path.
 * - Reads are consistent by default: the current revision is asked of etcd, the log is waited for, the answer comes
 *   from memory.
 */
export interface ResourceStore {
  /** Throws notFound. */
  get(key: ObjectName, options: { resourceVersion: string }): Promise<StoredObject>;
  list(options: ListOptions): Promise<ListResult>;
  /** Yields batches of events in revision order, each event once. Ends (returns) when the signal aborts; throws StatusError 410 when the start is compacted. */
  watch(options: WatchOptions): AsyncIterable<readonly StoredEvent[]>;
  /** Writes when the key is absent; throws alreadyExists. The object's resourceVersion must be unset. */
  create(key: ObjectName, object: KubeObject): Promise<StoredObject>;
  /**
   * Reads, calls `change`, writes when the stored revision is still the one read; otherwise reads again and repeats.
   * `change` returns the object to store, the same object for "no change" (nothing is written, no event), or throws.
   * Throws notFound when the key is absent unless `createIfAbsent`.
   */
  update(
    key: ObjectName,
    change: (current: StoredObject | undefined) => KubeObject | Promise<KubeObject>,
    options?: { createIfAbsent?: boolean },
  ): Promise<StoredObject>;
  /** Deletes when `check` (which may throw) accepts what is stored, atomically. Returns the object with the resourceVersion of the deletion. */
  delete(key: ObjectName, check?: (current: StoredObject) => void | Promise<void>): Promise<StoredObject>;
  /** Resolves when the cache holds the resource; rejects when the store is closed first. */
  ready(): Promise<void>;
  /** How many objects the cache holds. */
  readonly count: number;
  /** What they take in etcd, their keys aside. */
  readonly bytes: number;
  /** Ends every watch and forgets the cache, for a custom resource whose definition goes away. Stored data stays. */
  close(): void;
}

export interface ObjectName {
  /** Empty for a cluster-scoped resource. */
  readonly namespace: string;
  readonly name: string;
}

/** One version of one object: parsed once, encoded at most once per encoding, shared by all readers. */
export interface StoredObject {
  readonly key: ObjectName;
  readonly object: KubeObject;
  /** etcd's mod revision of this version. */
  readonly revision: number;
  /** In the storage version, as Kubernetes prints it. Made on first use and kept. */
  json(): Buffer;
  /** With the `k8s\0` envelope. */
  protobuf(): Buffer;
  /** A place for views of other served versions, keyed `version/what`; lives as long as the object. */
  memo<T>(key: string, make: () => T): T;
  /** The same for bytes, keyed `version/encoding`; made again when asked for long after the last change. */
  encoding(key: string, make: () => Buffer): Buffer;
}

export interface ListOptions {
  /** Empty: all namespaces. */
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  /** 0 or absent: no limit. */
  readonly limit?: number;
  readonly continue?: string;
  readonly filter?: (stored: StoredObject) => boolean;
  /** Set when `filter` would accept everything: allows remainingItemCount. */
  readonly unfiltered?: boolean;
  /** When the field selector pins one object by name. */
  readonly name?: string;
}

export interface ListResult {
  readonly items: readonly StoredObject[];
  /** The revision of the snapshot. */
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface WatchOptions {
  readonly namespace: string;
  readonly name?: string;
  /**
   * Events after this revision. '' (consistent) or '0' (any): start with synthetic ADDED events for the current state,
   * unless sendInitialEvents is false.
   */
  readonly resourceVersion: string;
  /**
   * true: synthetic ADDED events for a state not older than resourceVersion, then (with allowBookmarks) a bookmark
   * marked `initialEventsEnd`. false: never synthetic events.
   */
  readonly sendInitialEvents?: boolean;
  readonly allowBookmarks: boolean;
  readonly filter?: (stored: StoredObject) => boolean;
  readonly signal: AbortSignal;
  /** How long the request will last, so that a last bookmark can go out just before. */
  readonly timeoutMs?: number;
}

/**
 * One event, the same object for every watcher that sees it alike: what is derived from it (an encoded frame) is best
 * kept with `object.memo`. `object` is the new version, for DELETED the last version with the deletion's
 * resourceVersion. `previous` is the version before, absent for ADDED.
 */
export type StoredEvent = StoredChange | StoredBookmark;

export interface StoredChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: StoredObject;
  readonly previous?: StoredObject;
  readonly revision: number;
  /** As a watch with this filter would have got it: perhaps as ADDED or DELETED, perhaps not at all. */
  seenThrough(filter: (stored: StoredObject) => boolean): StoredChange | undefined;
}

export interface StoredBookmark {
  readonly type: 'BOOKMARK';
  readonly revision: number;
  /** Marks the end of the initial events: to be annotated `k8s.io/initial-events-end: "true"`. */
  readonly initialEventsEnd?: boolean;
}
