import type { HttpHandler } from './simulated-http.ts';

/** What a process in a pod finds when it connects to an address and port. */
export type Connection =
  | { readonly type: 'connected'; readonly serve: HttpHandler }
  /** Somebody is there, and nobody listens. */
  | { readonly type: 'refused' }
  /** Nobody answers at that address. */
  | { readonly type: 'silent' };

/** An address and port of a pod. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What the cluster's DNS and its service proxies know. */
export interface ClusterDirectory {
  /** The addresses of a name, as a pod of that namespace looks it up; undefined where there is no such name. */
  resolve(name: string, namespace: string): readonly string[] | undefined;
  /** Whether a name that is not known would be looked up outside the cluster. */
  isExternal(name: string): boolean;
  /** The pods behind a service's address and port; undefined where the address is no service's. */
  backends(address: string, port: number): readonly Endpoint[] | undefined;
}

/** The network as one pod sees it. */
export interface NetworkView {
  resolve(name: string): readonly string[] | undefined;
  /** Nobody in the simulation can say what is there. */
  isExternal(host: string): boolean;
  connect(address: string, port: number): Connection;
  /** Whether a pod has the address. */
  isPod(address: string): boolean;
}
