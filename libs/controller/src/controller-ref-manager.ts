import { isInvalid, isNotFound, newControllerRef, objectKey, type KubeObject } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import { planClaim } from './plan-claim.ts';

export interface ControllerRefManagerOptions<T extends KubeObject> {
  client: KubeClient;
  /** The resource of what is claimed: `pods`, `replicasets`, `controllerrevisions`. */
  resource: ResourceRef<T>;
  /** The claiming object, with apiVersion, kind and metadata. */
  controller: KubeObject;
  selector: { matches(labels: Record<string, string>): boolean };
  /** A live read of the claiming object: the cache may not know yet that it is being deleted. */
  fetchController: () => Promise<KubeObject>;
}

/**
 * Makes ownership agree with a selector: matching orphans are adopted, owned objects that match no more are released.
 * See upstream's BaseControllerRefManager and its PodControllerRefManager.
 */
export class ControllerRefManager<T extends KubeObject> {
  readonly #options: ControllerRefManagerOptions<T>;
  /** Asked once, and only when there is something to adopt. */
  #canAdopt: Promise<void> | undefined;

  constructor(options: ControllerRefManagerOptions<T>) {
    this.#options = options;
  }

  /**
   * Returns what the controller owns after adopting and releasing. `filter` narrows what matches further. When some
   * could not be adopted or released, the others still are, and then the failures are thrown together.
   */
  async claim(candidates: readonly T[], filter: (object: T) => boolean = () => true): Promise<T[]> {
    const { controller, selector } = this.#options;
    const matches = (object: T) => selector.matches(object.metadata?.labels ?? {}) && filter(object);
    const owned: T[] = [];
    const adopting: T[] = [];
    const releasing: T[] = [];
    // Nearly always everything is kept: ten thousand pods should not cost ten thousand promises at every reconcile.
    for (const object of candidates) {
      const plan = planClaim(object, controller, matches(object));
      if (plan === 'keep') owned.push(object);
      else if (plan === 'adopt') adopting.push(object);
      else if (plan === 'release') releasing.push(object);
    }
    if (adopting.length === 0 && releasing.length === 0) return owned;
    const adopted = Promise.allSettled(adopting.map((object) => this.#adopt(object)));
    const released = await Promise.allSettled(releasing.map((object) => this.#release(object)));
    const results = await adopted;
    const failures = [...results, ...released]
      .filter((result) => result.status === 'rejected')
      .map((result) => result.reason as Error);
    if (failures.length > 0) throw failures.length === 1 ? failures[0]! : aggregate(failures);
    return [...owned, ...adopting.filter((_, i) => (results[i] as PromiseFulfilledResult<boolean>).value)];
  }

  async #adopt(object: T): Promise<boolean> {
    try {
      await (this.#canAdopt ??= this.#checkAdoption());
    } catch (error) {
      const what = `${this.#options.resource.kind} ${objectKey(object)} (${object.metadata?.uid})`;
      throw new Error(`can't adopt ${what}: ${(error as Error).message}`, { cause: error });
    }
    // The uid makes the patch fail for a namesake.
    const ownerReferences = [newControllerRef(this.#options.controller)];
    try {
      await this.#patch(object, ownerReferences);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #release(object: T): Promise<void> {
    try {
      await this.#patch(object, [{ $patch: 'delete', uid: this.#options.controller.metadata?.uid }]);
    } catch (error) {
      // Gone; or (invalid) without owners, or another object by now. Either way it is no longer ours.
      if (!isNotFound(error) && !isInvalid(error)) throw error;
    }
  }

  async #patch(object: T, ownerReferences: readonly object[]): Promise<void> {
    const { client, resource } = this.#options;
    const { name = '', namespace, uid } = object.metadata ?? {};
    const body = { metadata: { uid, ownerReferences } };
    await client.resource(resource).patch(name, { type: 'strategic', body }, { namespace });
  }

  async #checkAdoption(): Promise<void> {
    const { controller, fetchController } = this.#options;
    const { metadata } = await fetchController();
    const key = objectKey(controller);
    if (metadata?.uid !== controller.metadata?.uid) {
      const uids = `got uid ${metadata?.uid}, wanted ${controller.metadata?.uid}`;
      throw new Error(`original ${controller.kind} ${key} is gone: ${uids}`);
    }
    if (metadata?.deletionTimestamp) throw new Error(`${key} has just been deleted at ${metadata.deletionTimestamp}`);
  }
}

function aggregate(failures: Error[]): AggregateError {
  return new AggregateError(failures, `[${failures.map((failure) => failure.message).join(', ')}]`);
}
