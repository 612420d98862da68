import { formatGroupResource, type KubeObject } from '@pilothouse/apimachinery';
import { silentLogger, systemRandom, type Clock, type Logger, type Random } from '@pilothouse/component';
import type { ResourceRef } from '@pilothouse/api';
import type {
  InformerDescription,
  InformerFactory,
  InformerOptions,
  KubeClient,
  ResourceClient,
  SharedInformer,
} from '../contract.ts';
import { selectedListWatch } from './list-watch.ts';
import { Reflector } from './reflector.ts';
import { StoreInformer } from './shared-informer.ts';

export interface InformerFactoryOptions {
  /** Default: the client's. */
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

export function createInformerFactory(client: KubeClient, options: InformerFactoryOptions = {}): InformerFactory {
  return new SharedInformerFactory(client, options);
}

interface Entry {
  readonly name: string;
  readonly options: InformerOptions;
  readonly informer: StoreInformer<any>;
  readonly reflector: Reflector<any>;
  /** Resolves with the initial list; never when the informer is stopped before. */
  readonly synced: Promise<void>;
  stop: AbortController | undefined;
}

class SharedInformerFactory implements InformerFactory {
  readonly #client: KubeClient;
  readonly #options: Required<InformerFactoryOptions>;
  readonly #entries = new Map<string, Entry>();
  #signal: AbortSignal | undefined;

  constructor(client: KubeClient, options: InformerFactoryOptions) {
    this.#client = client;
    this.#options = { clock: client.clock, random: systemRandom(), logger: silentLogger(), ...options };
  }

  for<T extends KubeObject>(ref: ResourceRef<T>, options: InformerOptions = {}): SharedInformer<T> {
    const key = entryKey(ref, options);
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = this.#make(ref, options);
      this.#entries.set(key, entry);
      if (this.#signal) this.#run(entry, this.#signal);
    }
    return entry.informer;
  }

  start(signal: AbortSignal): void {
    this.#signal = signal;
    for (const entry of this.#entries.values()) this.#run(entry, signal);
  }

  stop(ref: ResourceRef, options: InformerOptions = {}): void {
    const key = entryKey(ref, options);
    this.#entries.get(key)?.stop?.abort();
    this.#entries.delete(key);
  }

  describe(): readonly InformerDescription[] {
    return [...this.#entries.values()].map(({ name, options, informer, reflector }) => ({
      resource: name,
      options,
      hasSynced: informer.hasSynced,
      objectCount: informer.lister.size,
      handlerCount: informer.handlerCount,
      ...(reflector.undecodable ? { undecodable: reflector.undecodable.message } : {}),
    }));
  }

  check(): void {
    const incomplete = this.describe().filter(({ undecodable }) => undecodable !== undefined);
    if (incomplete.length === 0) return;
    throw new Error(incomplete.map(({ resource, undecodable }) => `${resource}: ${undecodable}`).join('; '));
  }

  async waitForSync(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const all = Promise.all([...this.#entries.values()].map((entry) => entry.synced));
    if (!signal) return void (await all);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([all, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
  }

  #make<T extends KubeObject>(ref: ResourceRef<T>, options: InformerOptions): Entry {
    const { clock, random, logger } = this.#options;
    const { promise: synced, resolve } = Promise.withResolvers<void>();
    const informer = new StoreInformer<T>(logger, resolve);
    const resource = options.metadataOnly ? this.#client.metadata(ref) : this.#client.resource(ref);
    const source = selectedListWatch(resource as ResourceClient<T>, options);
    const name = formatGroupResource(ref.group, ref.resource);
    const reflector = new Reflector<T>({ name, source, sink: informer, clock, random, logger });
    return { name, options, informer, reflector, synced, stop: undefined };
  }

  #run(entry: Entry, signal: AbortSignal): void {
    if (entry.stop || signal.aborted) return;
    const stop = new AbortController();
    entry.stop = stop;
    const onAbort = () => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void entry.reflector.run(stop.signal).finally(() => signal.removeEventListener('abort', onAbort));
  }
}

function entryKey(ref: ResourceRef, options: InformerOptions): string {
  const { namespace = '', fieldSelector = '', labelSelector = '', metadataOnly = false } = options;
  return JSON.stringify([ref.group, ref.version, ref.resource, namespace, fieldSelector, labelSelector, metadataOnly]);
}
