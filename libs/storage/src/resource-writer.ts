import type { KeyValue, TxnResult } from '@pilothouse/etcd';
import { alreadyExists, notFound, type KubeObject } from '@pilothouse/apimachinery';
import type { KeyLayout } from './key-layout.ts';
import type { Log } from './log.ts';
import { withoutResourceVersion } from './resource-version-field.ts';
import { resourceVersionSetOnCreate } from './storage-errors.ts';
import type { ObjectName, ResourceStoreOptions } from './storage.ts';
import type { StoredVersion } from './stored-version.ts';
import type { StoreEtcd } from './transformed-etcd.ts';
import type { WatchCache } from './watch-cache.ts';

export interface ResourceWriterOptions {
  readonly etcd: StoreEtcd;
  readonly log: Log;
  readonly cache: WatchCache;
  readonly layout: KeyLayout;
  readonly resource: ResourceStoreOptions;
  /** What etcd has now, past the cache. */
  readonly fetch: (name: ObjectName) => Promise<StoredVersion | undefined>;
}

/** How long to wait for the log to bring a deletion whose answer was lost. */
const LOG_TIMEOUT_MS = 3_000;

/** What a decision is made on: a version (or none), and whether it may be out of date. */
interface Basis {
  readonly current: StoredVersion | undefined;
  readonly fresh: boolean;
}

/**
 * Writes by optimistic concurrency on the mod revision. The cached version is tried first, which saves a read in nearly
 * all cases; nothing is refused or left out on the grounds of a cached version, because it may be out of date: then etcd
 * is asked, and only an up-to-date version decides.
 */
export class ResourceWriter {
  readonly #options: ResourceWriterOptions;

  constructor(options: ResourceWriterOptions) {
    this.#options = options;
  }

  async create(name: ObjectName, object: KubeObject): Promise<StoredVersion> {
    if (object.metadata?.resourceVersion) throw resourceVersionSetOnCreate();
    const value = this.#encode(object);
    const result = await this.#put(name, value, 0);
    if (!result.succeeded) throw alreadyExists(this.#options.resource, name.name);
    return this.#written(name, value, result);
  }

  async update(
    name: ObjectName,
    change: (current: StoredVersion | undefined) => KubeObject | Promise<KubeObject>,
    createIfAbsent: boolean,
  ): Promise<StoredVersion> {
    for (let basis = await this.#cached(name); ;) {
      const { current, fresh } = basis;
      if (!current && !createIfAbsent) throw notFound(this.#options.resource, name.name);
      let value: Buffer;
      try {
        const object = await change(current);
        value = current && object === current.object ? current.value : this.#encode(object);
      } catch (error) {
        if (fresh) throw error;
        basis = await this.#newer(name, current, error);
        continue;
      }
      if (current && value.equals(current.value)) {
        if (!fresh) {
          basis = { current: await this.#options.fetch(name), fresh: true };
          if (basis.current?.revision === current.revision && !basis.current.stale) return current;
          continue;
        }
        if (!current.stale) return current;
      }
      const result = await this.#put(name, value, current?.revision ?? 0);
      if (result.succeeded) return this.#written(name, value, result);
      basis = this.#found(name, result.current);
    }
  }

  async delete(name: ObjectName, check?: (current: StoredVersion) => void | Promise<void>): Promise<StoredVersion> {
    const { etcd, layout, resource } = this.#options;
    for (let basis = await this.#cached(name); ;) {
      const { current, fresh } = basis;
      if (!current) throw notFound(resource, name.name);
      try {
        await check?.(current);
      } catch (error) {
        if (fresh) throw error;
        basis = await this.#newer(name, current, error);
        continue;
      }
      const result = await etcd.kv.delete({ key: layout.keyOf(name), expectedModRevision: current.revision });
      if (result.succeeded) return current.at(await this.#deletedAt(name, current, result));
      basis = this.#found(name, result.current);
    }
  }

  /** Absence in the cache proves nothing, so it is asked for. */
  async #cached(name: ObjectName): Promise<Basis> {
    const cached = this.#options.cache.get(name);
    if (cached) return { current: cached, fresh: false };
    return { current: await this.#options.fetch(name), fresh: true };
  }

  /** After a refusal on a cached version: the newer one, or the refusal if there is none. */
  async #newer(name: ObjectName, refused: StoredVersion | undefined, refusal: unknown): Promise<Basis> {
    const current = await this.#options.fetch(name);
    if (current && current.revision === refused?.revision) throw refusal;
    return { current, fresh: true };
  }

  /** After an interruption only the log knows when the deletion was. */
  async #deletedAt(name: ObjectName, last: StoredVersion, result: TxnResult): Promise<number> {
    const { log, cache } = this.#options;
    if (!result.revisionIsLimit || !(await log.waitFor(result.revision, LOG_TIMEOUT_MS))) return result.revision;
    return cache.deletionOf(name, last.revision) ?? result.revision;
  }

  #found(name: ObjectName, kv: KeyValue | undefined): Basis {
    return { current: kv && this.#options.cache.versionOf(name, kv), fresh: true };
  }

  #put(name: ObjectName, value: Buffer, expectedModRevision: number): Promise<TxnResult> {
    const { etcd, layout, resource } = this.#options;
    const put = { key: layout.keyOf(name), value, expectedModRevision };
    if (!resource.ttlSeconds) return etcd.kv.put(put);
    return etcd.leases.withLease(resource.ttlSeconds, (lease) => etcd.kv.put({ ...put, lease }));
  }

  #written(name: ObjectName, value: Buffer, { revision }: TxnResult): StoredVersion {
    return this.#options.cache.written(name, value, revision, this.#options.log.revision);
  }

  #encode(object: KubeObject): Buffer {
    return this.#options.resource.codec.encode(withoutResourceVersion(object));
  }
}
