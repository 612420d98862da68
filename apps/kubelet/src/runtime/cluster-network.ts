import type { HttpHandler } from './simulated-http.ts';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** What a process in a pod finds when it connects to an address and port. */
export type Connection =
  | { readonly type: 'connected'; readonly serve: HttpHandler }
  /** Somebody is there, and nobody listens. */
  | { readonly type: 'refused' }
  /** Nobody answers at that address. */
  | { readonly type: 'silent' };

/** What a process that sent a datagram finds: the same, but for what was answered. */
export type DatagramExchange =
  | { readonly type: 'connected'; readonly send: (text: string) => string | undefined }
  | { readonly type: 'refused' }
  | { readonly type: 'silent' };

/** An address and port of a pod. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Who is behind a port of a service, or of a node. */
export interface Backends {
  readonly endpoints: readonly Endpoint[];
  /** With session affinity: whose clients keep their endpoint, and how long after they last came. */
  readonly affinity?: { readonly key: string; readonly timeoutSeconds: number };
}

export type RecordType = 'A' | 'CNAME' | 'PTR' | 'SRV';

export interface DnsRecord {
  readonly name: string;
  readonly type: RecordType;
  /** `10.96.0.1`, `example.com.`, `0 100 443 kubernetes.default.svc.cluster.local.` */
  readonly data: string;
}

/** What the cluster's DNS and its service proxies know. */
export interface ClusterDirectory {
  /** The records of a fully qualified name; empty where it has none. */
  records(name: string, type: RecordType): readonly DnsRecord[];
  /** Whether a name that is not known would be looked up outside the cluster. */
  isExternal(name: string): boolean;
  /** Undefined where the address is no service's and no node's. */
  backends(address: string, port: number, protocol: Protocol): Backends | undefined;
}

/** The network as one pod sees it. */
export interface NetworkView {
  readonly directory: ClusterDirectory | undefined;
  connect(address: string, port: number): Connection;
  datagrams(address: string, port: number): DatagramExchange;
  /** Whether a pod has the address. */
  isPod(address: string): boolean;
}

/** Names as a process looks them up. */
export interface NameView {
  resolve(name: string): readonly string[] | undefined;
  /** The records of the first name that has any, with the search domains tried in their order. */
  records(name: string, type: RecordType): readonly DnsRecord[];
  /** Nobody in the simulation can say what is there. */
  isExternal(host: string): boolean;
}
