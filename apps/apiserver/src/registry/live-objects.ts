import type { KubeObject } from '@pilothouse/apimachinery';
import type { ResourceStore } from '@pilothouse/storage';

export type ObjectChange<T> = (before: T | undefined, after: T | undefined) => void;

/**
 * All objects of a resource at hand, kept current by a watch on the store: for what every request asks (authorization,
 * admission), where reading a list each time would be too slow.
 */
export class LiveObjects<T extends KubeObject> {
  readonly #store: ResourceStore;
  readonly #onChange: ObjectChange<T>;
  readonly #objects = new Map<string, T>();
  readonly #abort = new AbortController();
  readonly ready: Promise<void>;

  constructor(store: ResourceStore, onChange: ObjectChange<T> = () => {}) {
    this.#store = store;
    this.#onChange = onChange;
    this.ready = new Promise((resolve) => void this.#follow(resolve));
  }

  /** By `namespace/name`, or `/name` for a cluster-scoped resource. */
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  close(): void {
    this.#abort.abort();
  }

  /** Starts over when a watch ends with an error: then what is gone by now is missing from the new initial state. */
  async #follow(onSynced: () => void): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const seen = new Set<string>();
      let synced = false;
      try {
        const events = this.#store.watch({
          ...{ namespace: '', resourceVersion: '', sendInitialEvents: true, allowBookmarks: true, signal },
        });
        for await (const batch of events) {
          for (const event of batch) {
            if (event.type !== 'BOOKMARK') {
              const key = `${event.object.key.namespace}/${event.object.key.name}`;
              if (!synced) seen.add(key);
              this.#set(key, event.type === 'DELETED' ? undefined : (event.object.object as T));
            } else if (event.initialEventsEnd && !synced) {
              synced = true;
              for (const key of [...this.#objects.keys()]) if (!seen.has(key)) this.#set(key, undefined);
              onSynced();
            }
          }
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  #set(key: string, after: T | undefined): void {
    const before = this.#objects.get(key);
    if (after === undefined) this.#objects.delete(key);
    else this.#objects.set(key, after);
    this.#onChange(before, after);
  }
}

const RETRY_MS = 200;
