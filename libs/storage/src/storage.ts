import type { KubeObject } from '@pilothouse/apimachinery';

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
  /** A place for encodings of other served versions, keyed `version/encoding`; lives as long as the object. */
  memo<T>(key: string, make: () => T): T;
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
  /** Events after this revision. '' or '0': start with synthetic ADDED events for the current state (unless sendInitialEvents is false). */
  readonly resourceVersion: string;
  readonly sendInitialEvents?: boolean;
  readonly allowBookmarks: boolean;
  readonly filter?: (stored: StoredObject) => boolean;
  readonly signal: AbortSignal;
}

/** `object` is the new version, for DELETED the last version with the deletion's resourceVersion. */
export type StoredEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: StoredObject; readonly revision: number }
  | { readonly type: 'BOOKMARK'; readonly revision: number; readonly initialEventsEnd?: boolean };
