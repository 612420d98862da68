import type { KeyValue } from './key-value.ts';

export interface WatchEvent {
  readonly type: 'put' | 'delete';
  /** For a delete: only the key and, as mod revision, the revision of the deletion. */
  readonly kv: KeyValue;
  readonly previous: KeyValue | undefined;
}
