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
