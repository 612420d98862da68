import {
  alreadyExists,
  conflict,
  notFound,
  objectKey,
  OPTIMISTIC_LOCK_MESSAGE,
  type KubeObject,
} from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import type { KubeClient } from '../contract.ts';

/** Called before each operation; throws or waits to make it fail or hang. */
export type Intercept = (verb: string, object: KubeObject) => void | Promise<void>;

/** A client whose objects live in a map, with the server's rules on existence and resource versions; for fake-clock tests. */
export class MemoryClient {
  readonly objects = new Map<string, KubeObject>();
  readonly log: string[] = [];
  intercept: Intercept = () => {};
  #revision = 0;

  as(clock: Clock): KubeClient {
    const unsupported = () => {
      throw new Error('not supported in memory');
    };
    const resource = (ref: ResourceRef) => ({
      get: async (name: string, { namespace = '' } = {}) => {
        await this.#intercepted('get', { metadata: { name, namespace } });
        return this.#read(ref, namespace, name);
      },
      create: async (object: KubeObject) => {
        await this.#intercepted('create', object);
        const key = `${ref.resource}/${objectKey(object)}`;
        if (this.objects.has(key)) throw alreadyExists(ref, object.metadata!.name!);
        return this.#write(key, object);
      },
      update: async (object: KubeObject) => {
        await this.#intercepted('update', object);
        const { namespace = '', name = '', resourceVersion } = object.metadata ?? {};
        const before = this.#read(ref, namespace, name);
        if (before.metadata?.resourceVersion !== resourceVersion) throw conflict(ref, name, OPTIMISTIC_LOCK_MESSAGE);
        return this.#write(`${ref.resource}/${objectKey(object)}`, object);
      },
      patch: async (name: string, { body }: { body: unknown }, { namespace = '' } = {}) => {
        await this.#intercepted('patch', { metadata: { name, namespace } });
        const merged = { ...this.#read(ref, namespace, name), ...(body as object) };
        return this.#write(`${ref.resource}/${objectKey(merged)}`, merged);
      },
      list: unsupported,
      watch: unsupported,
      delete: unsupported,
      deleteCollection: unsupported,
      createSubresource: unsupported,
    });
    const client = { clock, resource, metadata: resource, discover: unsupported, raw: unsupported, close: () => {} };
    return client as unknown as KubeClient;
  }

  async #intercepted(verb: string, object: KubeObject): Promise<void> {
    this.log.push(`${verb} ${objectKey(object)}`);
    await this.intercept(verb, object);
  }

  #read(ref: ResourceRef, namespace: string, name: string): KubeObject {
    const object = this.objects.get(`${ref.resource}/${objectKey({ metadata: { namespace, name } })}`);
    if (!object) throw notFound(ref, name);
    return object;
  }

  #write(key: string, object: KubeObject): KubeObject {
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    this.objects.set(key, written);
    return written;
  }
}
