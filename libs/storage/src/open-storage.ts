import type { EtcdClient } from '@pilothouse/etcd';
import type { Clock } from '@pilothouse/component';
import type { Storage, StorageMetrics } from './storage.ts';

export interface OpenStorageOptions {
  readonly etcd: EtcdClient;
  /** Where every key begins, without a slash at the end: `/registry`. */
  readonly prefix?: string;
  readonly logger?: StorageLogger;
  readonly metrics?: StorageMetrics;
  readonly clock?: Clock;
  /** How often old revisions are compacted away; 0 for never. Upstream's `--etcd-compaction-interval`: 5 minutes. */
  readonly compactionIntervalMs?: number;
}

export interface StorageLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export declare function openStorage(options: OpenStorageOptions): Promise<Storage>;
