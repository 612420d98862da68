import { objectKey, type KubeObject, type WatchEvent } from '@pilothouse/apimachinery';
import type { Logger } from '@pilothouse/component';
import type { InformerHandler, SharedInformer } from '../contract.ts';
import type { ReflectorSink } from './reflector.ts';
import { Store } from './store.ts';
import { trimManagedFields } from './trim-managed-fields.ts';

/** One thing that happened to an object, already in the store. */
type Notification<T> =
  | { readonly before: undefined; readonly after: T }
  | { readonly before: T; readonly after: T }
  | { readonly before: T; readonly after: undefined };

/**
 * A store and those who want to hear of its changes. Handlers run in the same turn in which the store changes, so what
 * they are told and what the lister shows can never disagree by more than the rest of that turn.
 *
 * Unlike client-go, an object that was deleted and created again unseen is reported as a delete and an add, never as
 * an update between two objects with different uids.
 */
export class StoreInformer<T extends KubeObject> implements SharedInformer<T>, ReflectorSink<T> {
  readonly lister = new Store<T>();
  readonly #handlers: InformerHandler<T>[] = [];
  readonly #logger: Logger;
  readonly #onSynced: () => void;
  #synced = false;

  constructor(logger: Logger, onSynced: () => void) {
    this.#logger = logger;
    this.#onSynced = onSynced;
  }

  get hasSynced(): boolean {
    return this.#synced;
  }

  get handlerCount(): number {
    return this.#handlers.length;
  }

  addHandler(handler: InformerHandler<T>): void {
    this.#handlers.push(handler);
    for (const object of this.lister.list()) this.#notifyOne(handler, { before: undefined, after: object }, true);
  }

  addIndex(name: string, keysOf: (object: T) => readonly string[]): void {
    // Two controllers that need the same index both say so; by its name it is the same one.
    if (!this.lister.hasIndex(name)) this.lister.addIndex(name, keysOf);
  }

  replace(objects: readonly T[]): void {
    const notifications: Notification<T>[] = [];
    const gone = new Set(this.lister.keys());
    for (const object of objects) {
      gone.delete(objectKey(object));
      this.#store(object, notifications);
    }
    // The deletes went by unseen: the last known state is all there is to tell.
    for (const key of gone) notifications.push({ before: this.lister.delete(key)!, after: undefined });
    for (const notification of notifications) this.#notify(notification, !this.#synced);
    if (this.#synced) return;
    this.#synced = true;
    this.#onSynced();
  }

  apply({ type, object }: WatchEvent<T>): void {
    const notifications: Notification<T>[] = [];
    if (type === 'DELETED') {
      // The event carries the final state, which may be newer than ours; an object never seen is not reported.
      if (this.lister.delete(objectKey(object)))
        notifications.push({ before: trimManagedFields(object), after: undefined });
    } else {
      this.#store(object, notifications);
    }
    for (const notification of notifications) this.#notify(notification, false);
  }

  #store(received: T, notifications: Notification<T>[]): void {
    const object = trimManagedFields(received);
    const before = this.lister.set(objectKey(object), object);
    if (!before) {
      notifications.push({ before, after: object });
    } else if (before.metadata?.uid !== object.metadata?.uid) {
      notifications.push({ before, after: undefined }, { before: undefined, after: object });
    } else if (before.metadata?.resourceVersion !== object.metadata?.resourceVersion) {
      notifications.push({ before, after: object });
    }
  }

  #notify(notification: Notification<T>, isInInitialList: boolean): void {
    for (const handler of this.#handlers) this.#notifyOne(handler, notification, isInInitialList);
  }

  #notifyOne(handler: InformerHandler<T>, { before, after }: Notification<T>, isInInitialList: boolean): void {
    try {
      if (!after) handler.onDelete?.(before!);
      else if (!before) handler.onAdd?.(after, isInInitialList);
      else handler.onUpdate?.(before, after);
    } catch (error) {
      // One handler's mistake must not keep the change from the others.
      this.#logger.error({ err: error, key: objectKey((after ?? before)!) }, 'An informer handler failed');
    }
  }
}
