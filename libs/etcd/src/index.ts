export { createEtcdClient, type EtcdClient } from './etcd-client.ts';
export type { EtcdClientOptions, EtcdTls, EtcdTlsSource } from './etcd-client-options.ts';
export {
  EtcdAmbiguousWrite,
  EtcdClientClosed,
  EtcdCompacted,
  EtcdError,
  EtcdFutureRevision,
  EtcdLeaseNotFound,
  EtcdNoSpace,
  EtcdRequestTooLarge,
  EtcdUnavailable,
} from './errors.ts';
export type { KeyValue } from './key-value.ts';
export { prefixEnd, type EtcdKv } from './kv.ts';
export type { DeleteRequest, PutRequest, RangeRequest, RangeResult, TxnResult } from './kv-requests.ts';
export type { EtcdLeases } from './leases.ts';
export type { Alarm, EtcdMaintenance, Member, MemberStatus } from './maintenance.ts';
export type { EtcdWatch, WatchHandler, WatchOptions } from './watch.ts';
export type { WatchEvent } from './watch-event.ts';
