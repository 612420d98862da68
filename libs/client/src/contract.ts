import type { KubeObject, KubeList, WatchEvent } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';

/** A REST client of any conformant apiserver. Every failure is a StatusError. Cheap to hold, shares one connection pool. */
export interface KubeClient {
  resource<T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T>;
  /** For what is not a resource: `/version`, `/healthz`. */
  raw(method: string, path: string, options?: { body?: Uint8Array | string; headers?: Record<string, string>; signal?: AbortSignal }): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }>;
  close(): void;
}

export interface ResourceClient<T extends KubeObject> {
  get(name: string, options?: { namespace?: string; resourceVersion?: string; signal?: AbortSignal }): Promise<T>;
  list(options?: ListParameters): Promise<KubeList<T>>;
  watch(options: WatchParameters): AsyncIterable<WatchEvent<T>>;
  create(object: T, options?: WriteParameters): Promise<T>;
  /** PUT; `subresource: 'status'` writes the status only. */
  update(object: T, options?: WriteParameters & { subresource?: string }): Promise<T>;
  patch(name: string, patch: Patch, options?: WriteParameters & { namespace?: string; subresource?: string; force?: boolean }): Promise<T>;
  delete(name: string, options?: DeleteParameters & { namespace?: string }): Promise<void>;
  deleteCollection(options?: ListParameters & DeleteParameters): Promise<void>;
  /** POST to `<name>/<subresource>`: binding, eviction, token. */
  createSubresource<B extends KubeObject>(name: string, subresource: string, body: B, options?: { namespace?: string }): Promise<KubeObject>;
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
}

export interface WriteParameters {
  namespace?: string;
  dryRun?: boolean;
  fieldManager?: string;
  signal?: AbortSignal;
}

export interface DeleteParameters {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** A local copy of a resource, kept current by list and watch. Objects are shared: never change one. */
export interface SharedInformer<T extends KubeObject> {
  readonly lister: Lister<T>;
  /** Handlers are called one at a time, in order; a late handler first gets an add for everything present. */
  addHandler(handler: InformerHandler<T>): void;
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
}

/** One informer per resource, shared by all controllers of a process. */
export interface InformerFactory {
  for<T extends KubeObject>(ref: ResourceRef<T>, options?: { namespace?: string; fieldSelector?: string; labelSelector?: string; metadataOnly?: boolean }): SharedInformer<T>;
  start(signal: AbortSignal): void;
  /** Resolves when every informer asked for so far has its initial list. */
  waitForSync(signal?: AbortSignal): Promise<void>;
}

/** Records core/v1 Events with upstream's aggregation and spam filter; never throws, never blocks. */
export interface EventRecorder {
  event(regarding: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}
