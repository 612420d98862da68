import type { Clock } from '@pilothouse/component';
import type { EtcdClient, EtcdKv, EtcdWatch, KeyValue, WatchEvent, WatchHandler, WatchOptions } from '@pilothouse/etcd';
import { internalError } from '@pilothouse/apimachinery';
import type { PlainValue, StorageEncryption, ValueTransformer } from './encryption.ts';

/** What a store sees of etcd: values in the clear. */
export interface StoreEtcd {
  readonly kv: Pick<EtcdKv, 'get' | 'range' | 'put' | 'delete'>;
  readonly leases: EtcdClient['leases'];
  watch(options: WatchOptions, handler: WatchHandler): Pick<EtcdWatch, 'close' | 'moveOn'>;
}

/** A value as it came out of its transformer. */
export interface StoredKeyValue extends KeyValue {
  readonly stale?: boolean;
  /** Why it could not be read; the value is then as it lies in etcd. */
  readonly unreadable?: string;
}

const RETRY_MS = 5_000;

/**
 * etcd with the values of some resources transformed on their way: everything above it (log, caches, writers) knows plain
 * values only. A value that cannot be read is handed on with the reason, so that one object does not stop the rest; once
 * it can be (the service is back, the configuration has its key again), `onReadable` is called.
 */
export class TransformedEtcd implements StoreEtcd {
  readonly kv: StoreEtcd['kv'];
  readonly leases: EtcdClient['leases'];
  readonly #etcd: EtcdClient;
  readonly #encryption: StorageEncryption;
  readonly #clock: Clock;
  readonly #onReadable: () => void;
  /** With a slash at the end, to the resource under it. */
  readonly #resources = new Map<string, { readonly group: string; readonly resource: string }>();
  readonly #root: string;
  #unreadable: KeyValue | undefined;
  #cancelRetry: (() => void) | undefined;
  #closed = false;

  /** `root` has a slash at the end. */
  constructor(etcd: EtcdClient, encryption: StorageEncryption, root: string, clock: Clock, onReadable: () => void) {
    this.#etcd = etcd;
    this.#encryption = encryption;
    this.#root = root;
    this.#clock = clock;
    this.#onReadable = onReadable;
    this.leases = etcd.leases;
    this.kv = {
      get: async (key) => {
        const { kv, revision } = await etcd.kv.get(key);
        return { kv: kv && (await this.#read(kv)), revision };
      },
      range: async (request) => {
        const result = await etcd.kv.range(request);
        if (request.keysOnly || request.countOnly) return result;
        return { ...result, kvs: await this.#readAll(result.kvs) };
      },
      put: async (request) => {
        const value = await this.#write(request.key, request.value);
        const result = await etcd.kv.put({ ...request, value });
        return result.current ? { ...result, current: await this.#read(result.current) } : result;
      },
      delete: async (request) => {
        const result = await etcd.kv.delete(request);
        return result.current ? { ...result, current: await this.#read(result.current) } : result;
      },
    };
  }

  /** Values under `<root><storagePrefix>/` are those of this resource from now on. */
  serve(storagePrefix: string, group: string, resource: string): void {
    this.#resources.set(storagePrefix, { group, resource });
  }

  watch(options: WatchOptions, handler: WatchHandler): Pick<EtcdWatch, 'close' | 'moveOn'> {
    // What comes behind events that are still being read waits for them: the order is that of the log.
    let before: Promise<void> | undefined;
    let closed = false;
    const afterwards = (reading: Promise<unknown>, act: () => void): void => {
      const turn = behind(before, reading, () => {
        if (before === turn) before = undefined;
        if (!closed) act();
      });
      before = turn;
    };
    const watch = this.#etcd.watch(options, {
      ...handler,
      events: (events, revision) => {
        const read = this.#readEvents(events);
        if (read instanceof Promise) {
          let done: readonly WatchEvent[] = [];
          afterwards(
            read.then((all) => (done = all)),
            () => handler.events(done, revision),
          );
        } else if (before) afterwards(before, () => handler.events(read, revision));
        else handler.events(read, revision);
      },
      compacted: (error) => (before ? afterwards(before, () => handler.compacted(error)) : handler.compacted(error)),
    });
    return {
      moveOn: (why) => watch.moveOn(why),
      close() {
        closed = true;
        watch.close();
      },
    };
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
  }

  async #write(key: string, value: Buffer): Promise<Buffer> {
    try {
      return (await this.#transformerOf(key)?.toStorage(value, key)) ?? value;
    } catch (error) {
      throw internalError(error);
    }
  }

  #readEvents(events: readonly WatchEvent[]): readonly WatchEvent[] | Promise<WatchEvent[]> {
    const read = events.map((event): WatchEvent | Promise<WatchEvent> => {
      if (event.type !== 'put') return event;
      const kv = this.#read(event.kv);
      return kv instanceof Promise ? kv.then((plain) => ({ ...event, kv: plain })) : { ...event, kv };
    });
    return allOf(read);
  }

  #readAll(kvs: readonly KeyValue[]): readonly KeyValue[] | Promise<KeyValue[]> {
    const read = kvs.map((kv) => this.#read(kv));
    return allOf(read);
  }

  #read(kv: KeyValue): StoredKeyValue | Promise<StoredKeyValue> {
    const transformer = this.#transformerOf(kv.key);
    if (transformer === undefined) return kv;
    const plain = ({ value, stale }: PlainValue): StoredKeyValue => ({ ...kv, value, stale });
    try {
      const read = transformer.fromStorage(kv.value, kv.key);
      return read instanceof Promise ? read.then(plain, (error: unknown) => this.#failed(kv, error)) : plain(read);
    } catch (error) {
      return this.#failed(kv, error);
    }
  }

  #failed(kv: KeyValue, error: unknown): StoredKeyValue {
    this.#unreadable = kv;
    this.#cancelRetry ??= this.#clock.after(RETRY_MS, () => void this.#retry());
    const why = error instanceof Error ? error.message : String(error);
    return { ...kv, unreadable: `unable to transform key ${JSON.stringify(kv.key)}: ${why}` };
  }

  async #retry(): Promise<void> {
    const kv = this.#unreadable!;
    try {
      await this.#transformerOf(kv.key)?.fromStorage(kv.value, kv.key);
      this.#unreadable = undefined;
      this.#cancelRetry = undefined;
      if (!this.#closed) this.#onReadable();
    } catch {
      if (!this.#closed) this.#cancelRetry = this.#clock.after(RETRY_MS, () => void this.#retry());
    }
  }

  /** Storage prefixes have one segment or two. */
  #transformerOf(key: string): ValueTransformer | undefined {
    if (!key.startsWith(this.#root)) return undefined;
    const start = this.#root.length;
    const first = key.indexOf('/', start);
    if (first < 0) return undefined;
    let resource = this.#resources.get(key.slice(start, first));
    if (resource === undefined) {
      const second = key.indexOf('/', first + 1);
      if (second > 0) resource = this.#resources.get(key.slice(start, second));
    }
    return resource && this.#encryption.transformerFor(resource.group, resource.resource);
  }
}

async function behind(before: Promise<void> | undefined, reading: Promise<unknown>, act: () => void): Promise<void> {
  await before;
  await reading;
  act();
}

/** At once when nothing has to be waited for. */
function allOf<T>(values: readonly (T | Promise<T>)[]): T[] | Promise<T[]> {
  if (!values.some((each) => each instanceof Promise)) return values as T[];
  return Promise.all(values.map((each) => Promise.resolve(each)));
}
