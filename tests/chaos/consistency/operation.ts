/**
 * What clients did and were told, in their own time. Every write carries a number of its own (`id`) in the object, so
 * that whoever meets the object later knows which write made it.
 */
export type Operation = Write | Get | List;

interface Timed {
  readonly client: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Write extends Timed {
  readonly kind: 'create' | 'update' | 'delete';
  readonly key: string;
  readonly id: number;
  /** Of an update, and always of a delete: the resource version it replaces, and no other. */
  readonly precondition?: number;
  /**
   * `acknowledged`: answered with success. `refused`: answered with a 4xx, so it must not have happened. `unknown`: no
   * answer, or a 5xx: it may have happened, once.
   */
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
  /** Of an acknowledged one: the version it made. Of a deletion the server tells none: see `withDeletions`. */
  readonly resourceVersion?: number;
}

/** A get with resourceVersion "", which promises the newest state. */
export interface Get extends Timed {
  readonly kind: 'get';
  readonly key: string;
  /** Undefined when the answer was 404. */
  readonly found: Seen | undefined;
}

/** A list with resourceVersion "", without limit. */
export interface List extends Timed {
  readonly kind: 'list';
  readonly resourceVersion: number;
  readonly items: readonly Seen[];
}

export interface Seen {
  readonly key: string;
  readonly resourceVersion: number;
  readonly id: number;
}

/** One unbroken run of watch events after a list, or after the run's beginning. */
export interface WatchSegment {
  readonly watcher: string;
  /** Every event after this resource version was promised. */
  readonly from: number;
  readonly events: readonly WatchedEvent[];
}

export interface WatchedEvent extends Seen {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
}
