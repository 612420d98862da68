export {
  createEtcdClient,
  type EtcdClient,
  type EtcdClientOptions,
  type EtcdTls,
  type EtcdTlsSource,
} from './etcd-client.ts';
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
export {
  prefixEnd,
  type DeleteRequest,
  type EtcdKv,
  type KeyValue,
  type PutRequest,
  type RangeRequest,
  type RangeResult,
  type TxnResult,
} from './kv.ts';
export type { EtcdLeases } from './leases.ts';
export type { Alarm, EtcdMaintenance, Member, MemberStatus } from './maintenance.ts';
export type { EtcdWatch, WatchEvent, WatchHandler, WatchOptions } from './watch.ts';
