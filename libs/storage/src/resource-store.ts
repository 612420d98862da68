import { formatGroupResource, notFound, serviceUnavailable, type KubeObject } from '@pilothouse/apimachinery';
import type { ResourceReader } from './resource-reader.ts';
import type { ResourceWriter } from './resource-writer.ts';
import { statusOfEtcdError } from './storage-errors.ts';
import type {
  ListOptions,
  ListResult,
  ObjectName,
  ResourceStore,
  ResourceStoreOptions,
  StorageMetrics,
  StoredEvent,
  StoredObject,
  WatchOptions,
} from './storage.ts';
import type { WatchCache } from './watch-cache.ts';

export interface EtcdResourceStoreOptions {
  readonly resource: ResourceStoreOptions;
  readonly cache: WatchCache;
  readonly reader: ResourceReader;
  readonly writer: ResourceWriter;
  /** Settles when the cache is filled, or closed before. */
  readonly filled: Promise<void>;
  readonly metrics: StorageMetrics;
  readonly nowMs: () => number;
  readonly onClose: () => void;
}

/** The contract of storage.ts: waits for the cache, measures, and turns etcd's errors into what a client understands. */
export class EtcdResourceStore implements ResourceStore {
  readonly #options: EtcdResourceStoreOptions;
  readonly #label: string;
  #filled = false;
  #closed = false;

  constructor(options: EtcdResourceStoreOptions) {
    this.#options = options;
    this.#label = formatGroupResource(options.resource.group, options.resource.resource);
    options.filled.then(
      () => (this.#filled = true),
      () => {},
    );
  }

  get count(): number {
    return this.#options.cache.count;
  }

  get bytes(): number {
    return this.#options.cache.bytes;
  }

  ready(): Promise<void> {
    return this.#options.filled;
  }

  async get(key: ObjectName, { resourceVersion }: { resourceVersion: string }): Promise<StoredObject> {
    const found = await this.#do('get', () => this.#options.reader.get(key, resourceVersion));
    if (!found) throw notFound(this.#options.resource, key.name);
    return found;
  }

  list(options: ListOptions): Promise<ListResult> {
    return this.#do('list', () => this.#options.reader.list(options));
  }

  async *watch(options: WatchOptions): AsyncIterable<readonly StoredEvent[]> {
    const watcher = await this.#do('watch', () => this.#options.reader.watch(options));
    const stop = () => watcher.end();
    if (options.signal.aborted) stop();
    options.signal.addEventListener('abort', stop, { once: true });
    try {
      yield* watcher;
    } finally {
      watcher.end();
      options.signal.removeEventListener('abort', stop);
    }
  }

  create(key: ObjectName, object: KubeObject): Promise<StoredObject> {
    return this.#do('create', () => this.#options.writer.create(key, object));
  }

  update(
    key: ObjectName,
    change: (current: StoredObject | undefined) => KubeObject | Promise<KubeObject>,
    options?: { createIfAbsent?: boolean },
  ): Promise<StoredObject> {
    return this.#do('update', () => this.#options.writer.update(key, change, options?.createIfAbsent ?? false));
  }

  delete(key: ObjectName, check?: (current: StoredObject) => void | Promise<void>): Promise<StoredObject> {
    return this.#do('delete', () => this.#options.writer.delete(key, check));
  }

  close(): void {
    this.#closed = true;
    this.#options.onClose();
    this.#options.cache.endWatchers();
  }

  async #do<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const { metrics, nowMs } = this.#options;
    const start = nowMs();
    try {
      if (!this.#filled) await this.#options.filled;
      // Its cache follows nothing any more.
      if (this.#closed) throw serviceUnavailable(`${this.#label} are not served any more`);
      const result = await work();
      metrics.request?.(operation, this.#label, (nowMs() - start) / 1_000, 'ok');
      return result;
    } catch (error) {
      metrics.request?.(operation, this.#label, (nowMs() - start) / 1_000, 'error');
      throw statusOfEtcdError(error, this.#options.resource, operation);
    }
  }
}
