import type { KubeObject, KubeList, WatchEvent } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type { Leadership } from './leader-election/leadership.ts';
import type { Clock, Logger, MetricsRegistry, Random, Tracer } from '@pilothouse/component';

/**
 * A REST client of any conformant apiserver. Every failure is a StatusError (no answer at all is one too: see
 * `isConnectionError`), except that an aborted signal throws its own reason. Cheap to hold, shares one connection pool.
 */
export interface KubeClient {
  /** The clock it waits by; what is built on a client uses the same unless told otherwise. */
  readonly clock: Clock;
  resource<T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T>;
  /**
   * Lists and watches only the metadata of a resource (`PartialObjectMetadata`): what the garbage collector and the
   * namespace controller need, at a fraction of the bytes. Objects carry the resource's own apiVersion and kind.
   */
  metadata(ref: ResourceRef): ResourceClient<KubeObject>;
  /** Every resource and subresource the server offers, from aggregated discovery where the server has it. */
  discover(options?: { signal?: AbortSignal }): Promise<DiscoveryResult>;
  /** For what is not a resource: `/version`, `/healthz`. */
  raw(
    method: string,
    path: string,
    options?: { body?: Uint8Array | string; headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }>;
  close(): void;
}

export interface ResourceClient<T extends KubeObject> {
  get(name: string, options?: { namespace?: string; resourceVersion?: string; signal?: AbortSignal }): Promise<T>;
  list(options?: ListParameters): Promise<KubeList<T>>;
  /** Events until the server ends the watch; an `ERROR` event is thrown as its StatusError. Leaving the loop closes it. */
  watch(options: WatchParameters): AsyncIterable<WatchEvent<T>>;
  create(object: T, options?: WriteParameters): Promise<T>;
  /** PUT; `subresource: 'status'` writes the status only. */
  update(object: T, options?: WriteParameters & { subresource?: string }): Promise<T>;
  patch(
    name: string,
    patch: Patch,
    options?: WriteParameters & { namespace?: string; subresource?: string; force?: boolean },
  ): Promise<T>;
  delete(name: string, options?: DeleteParameters & { namespace?: string }): Promise<void>;
  deleteCollection(options?: ListParameters & DeleteParameters): Promise<void>;
  /** POST to `<name>/<subresource>`: binding, eviction, token. */
  createSubresource<B extends KubeObject>(
    name: string,
    subresource: string,
    body: B,
    options?: { namespace?: string; signal?: AbortSignal },
  ): Promise<KubeObject>;
}

export type Patch =
  | { readonly type: 'json'; readonly body: readonly unknown[] }
  | { readonly type: 'merge'; readonly body: unknown }
  | { readonly type: 'strategic'; readonly body: unknown }
  | { readonly type: 'apply'; readonly body: unknown };

export interface ListParameters {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: string;
  signal?: AbortSignal;
}

export interface WatchParameters extends ListParameters {
  allowWatchBookmarks?: boolean;
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
  /** Is told of an event whose object cannot be decoded, which is then left out; without it the watch fails. */
  onUndecodable?: (error: Error) => void;
}

export interface WriteParameters {
  namespace?: string;
  dryRun?: boolean;
  fieldManager?: string;
  signal?: AbortSignal;
}

export interface DeleteParameters {
  dryRun?: boolean;
  signal?: AbortSignal;
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** A local copy of a resource, kept current by list and watch. Objects are shared: never change one. */
export interface SharedInformer<T extends KubeObject> {
  readonly lister: Lister<T>;
  /** Handlers are called one at a time, in order; a late handler first gets an add for everything present. */
  addHandler(handler: InformerHandler<T>): void;
  /** Adds an index; objects already present are indexed at once. */
  addIndex(name: string, keysOf: (object: T) => readonly string[]): void;
  readonly hasSynced: boolean;
}

export interface InformerHandler<T extends KubeObject> {
  onAdd?(object: T, isInInitialList: boolean): void;
  onUpdate?(before: T, after: T): void;
  /** The last known state. */
  onDelete?(object: T): void;
}

export interface Lister<T extends KubeObject> {
  /** By `namespace/name` or `name`. */
  get(key: string): T | undefined;
  list(namespace?: string): readonly T[];
  byIndex(index: string, value: string): readonly T[];
  /** How many `byIndex` would list, at no cost per object. */
  countByIndex(index: string, value: string): number;
}

/** What an informer follows. Two askers with equal options share one informer. */
export interface InformerOptions {
  namespace?: string;
  fieldSelector?: string;
  labelSelector?: string;
  metadataOnly?: boolean;
}

export interface InformerDescription {
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  readonly options: InformerOptions;
  readonly hasSynced: boolean;
  readonly objectCount: number;
  readonly handlerCount: number;
  /** Why the copy is known to be incomplete: the last object that could not be decoded. */
  readonly undecodable?: string;
}

/** One informer per resource, shared by all controllers of a process. */
export interface InformerFactory {
  for<T extends KubeObject>(ref: ResourceRef<T>, options?: InformerOptions): SharedInformer<T>;
  /** For readiness: throws while a copy is known to be incomplete, because an object of it could not be decoded. */
  check(): void;
  /** Starts every informer asked for so far; one asked for later starts at once. */
  start(signal: AbortSignal): void;
  /** Stops one informer and forgets it, for resources that come and go (custom resources, the garbage collector). */
  stop(ref: ResourceRef, options?: InformerOptions): void;
  /** What is followed at the moment, for debugging. */
  describe(): readonly InformerDescription[];
  /** Resolves when every informer asked for so far has its initial list. */
  waitForSync(signal?: AbortSignal): Promise<void>;
}

/** Records core/v1 Events with upstream's aggregation and spam filter; never throws, never blocks. */
export interface EventRecorder {
  /**
   * `fieldPath` names a part of the object: `spec.containers{nginx}`. `host` is the node that says so, where one
   * recorder speaks for many.
   */
  event(
    regarding: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: { fieldPath?: string; host?: string },
  ): void;
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>;
}

/** Who a client is to the server. */
export interface ClientIdentity {
  userAgent: string;
  /** A bearer token, or how to get the current one (asked before every request). */
  token?: string | (() => string | Promise<string>);
  /** The server knows the token no more: time to get another one. */
  onUnauthorized?: () => void;
  /** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
  impersonate?: { readonly user: string; readonly groups: readonly string[] };
  /** Writes are sent only while it is held, and fail with NotLeadingError otherwise; reads always. */
  leadership?: Leadership | undefined;
}

export interface ClientPoolOptions {
  /** `https://host:port[/prefix]`, or `http://…` without TLS. */
  server: string;
  tls?: TlsOptions;
  /** How built-in kinds are written and preferably read; custom resources are always JSON. Default: protobuf. */
  contentType?: 'protobuf' | 'json';
  /** Requests per second and how many may come at once. Unlimited by default: the server has its own fairness. */
  qps?: number;
  burst?: number;
  /** Default: the system's. */
  clock?: Clock;
  /** Where `rest_client_*` metrics go. */
  metrics?: MetricsRegistry;
  /** Default: none. */
  tracer?: Tracer;
}

export interface KubeClientOptions extends ClientPoolOptions, ClientIdentity {}

/** Clients of one server under several identities that share one connection; closing any closes all. */
export interface ClientPool {
  client(identity: ClientIdentity): KubeClient;
  close(): void;
}

/** PEM texts. */
export interface TlsOptions {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  /** The name the server's certificate must carry, when it is not the host of the URL. */
  serverName?: string;
  insecureSkipVerify?: boolean;
}

export interface DiscoveryResult {
  readonly resources: readonly DiscoveredResource[];
  /** Groups that could not be read (an aggregated API that is down), as `group/version`. The rest is complete. */
  readonly failedGroupVersions: readonly string[];
}

export interface DiscoveredResource extends ResourceRef {
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** The version of its group that the server prefers. */
  readonly preferred: boolean;
  /** Names of its subresources: `status`, `scale`. */
  readonly subresources: readonly string[];
}

export interface LeaderElectionOptions {
  /** Best one of its own: renewals must not wait behind the leader's throttled writes. */
  client: KubeClient;
  /** Told how long this process may act; given to the client that it acts with. */
  leadership?: Leadership;
  /** Default: the client's. */
  clock?: Clock;
  /** Where the Lease lives: `kube-system`, `kube-scheduler`. */
  namespace: string;
  name: string;
  /** Unique among candidates: host name plus a random part. */
  identity: string;
  /** How long others wait after the last renewal they saw. Default 15,000. */
  leaseDurationMs?: number;
  /** How long the leader keeps trying to renew before it gives up. Default 10,000. */
  renewDeadlineMs?: number;
  /** Pause between tries. Default 2,000. */
  retryPeriodMs?: number;
  /** Give the lease back when `signal` aborts, so that the next leader need not wait. Default true. */
  releaseOnCancel?: boolean;
  random?: Random;
  onNewLeader?: (identity: string) => void;
}

export interface EventRecorderOptions {
  client: KubeClient;
  /** Default: the client's. */
  clock?: Clock;
  /** `deployment-controller`, `kubelet`. */
  component: string;
  /** Node name, for the kubelet. */
  host?: string;
  random?: Random;
  logger?: Logger;
}
