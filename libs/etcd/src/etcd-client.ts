import { Etcd3Connection } from './etcd3-connection.ts';
import { GrpcEndpoints } from './grpc-endpoints.ts';
import { EtcdKv } from './kv.ts';
import { EtcdLeases } from './leases.ts';
import { EtcdMaintenance } from './maintenance.ts';
import { EtcdWatch, type WatchHandler, type WatchOptions } from './watch.ts';

export interface EtcdTls {
  readonly ca: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** What is asked for at every new connection, so that renewed certificates are used without a restart. */
export type EtcdTlsSource = EtcdTls | (() => EtcdTls);

export interface EtcdClientOptions {
  /** `http://127.0.0.1:2379` or `https://…`: the members of one cluster. The first is preferred while it answers. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTlsSource;
  readonly auth?: { readonly username: string; readonly password: string };
  /** How long reads, and writes as far as that is safe, are repeated while etcd is unavailable: 10 s unless told. */
  readonly retryMs?: number;
  /** A clock in milliseconds that only goes forward, for sharing leases. */
  readonly nowMs?: () => number;
}

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
