import type { KeyValue } from './key-value.ts';

export interface RangeRequest {
  readonly key: string;
  /** Exclusive; absent for the one key. `prefixEnd(prefix)` for all keys with a prefix. */
  readonly rangeEnd?: string;
  /** As things were at this revision; throws EtcdCompacted when that is gone. */
  readonly revision?: number;
  readonly limit?: number;
  readonly sort?: {
    readonly order: 'ascend' | 'descend';
    readonly target: 'key' | 'version' | 'create' | 'mod' | 'value';
  };
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
  /** Answered by whatever member is asked, perhaps stale; linearizable otherwise. */
  readonly serializable?: boolean;
}

export interface RangeResult {
  /** Sorted by key unless asked otherwise. */
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  /** Of the whole range, without the limit. */
  readonly count: number;
  /** The store's revision when it answered (not that of the request). */
  readonly revision: number;
}

export interface PutRequest {
  readonly key: string;
  readonly value: Buffer;
  /** The write happens only if this is the key's mod revision; 0 if the key is absent. */
  readonly expectedModRevision: number;
  readonly lease?: bigint;
}

export interface DeleteRequest {
  readonly key: string;
  readonly expectedModRevision: number;
}

export interface TxnResult {
  readonly succeeded: boolean;
  /** The write's own revision when it succeeded. */
  readonly revision: number;
  /** Only after a delete whose answer was lost: it is known to have happened, at `revision` or before. */
  readonly revisionIsLimit?: true;
  /** When not succeeded: what stands there instead, undefined when the key is absent. */
  readonly current: KeyValue | undefined;
}
