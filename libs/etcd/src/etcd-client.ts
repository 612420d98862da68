import { Etcd3Connection } from './etcd3-connection.ts';
import type { EtcdClientOptions } from './etcd-client-options.ts';
import { GrpcEndpoints } from './grpc-endpoints.ts';
import { EtcdKv } from './kv.ts';
import { EtcdLeases } from './leases.ts';
import { EtcdMaintenance } from './maintenance.ts';
import { EtcdWatch, type WatchHandler, type WatchOptions } from './watch.ts';

/**
 * All that Pilothouse wants of etcd, in etcd's own words. Two transports lie below: a lean one for KV and Watch (see
 * grpc-connection.ts for why) and etcd3 for the rest.
 */
export interface EtcdClient {
  readonly endpoints: readonly string[];
  readonly kv: EtcdKv;
  readonly leases: EtcdLeases;
  readonly maintenance: EtcdMaintenance;
  watch(options: WatchOptions, handler: WatchHandler): EtcdWatch;
  /** Calls in flight fail with EtcdUnavailable, later ones with EtcdClientClosed. */
  close(): void;
}

const RETRY_MS = 10_000;

/** Connects on first use. */
export function createEtcdClient(options: EtcdClientOptions): EtcdClient {
  const endpoints = new GrpcEndpoints(options);
  const etcd3 = new Etcd3Connection(options);
  return {
    endpoints: options.endpoints,
    kv: new EtcdKv(endpoints, options.retryMs ?? RETRY_MS),
    leases: new EtcdLeases(etcd3, options.nowMs ?? (() => performance.now())),
    maintenance: new EtcdMaintenance(etcd3),
    watch: (watchOptions, handler) => new EtcdWatch(endpoints, watchOptions, handler),
    close() {
      endpoints.close();
      etcd3.close();
    },
  };
}
