import { formatGroupResource, storedVersion, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { ResourceStore, Storage } from '@pilothouse/storage';
import { ObjectRegistry } from './object-registry.ts';
import { ServedVersion } from './served-version.ts';
import { createStorageCodec } from './storage-codec.ts';

/** A resource as it is served: one registry, one view per version. */
export interface ServedResource {
  readonly definition: ResourceDefinition;
  readonly registry: ObjectRegistry;
  readonly versions: ReadonlyMap<string, ServedVersion>;
  /** The verbs that discovery shows, where they are not all that are served. */
  announcedVerbs?: readonly string[];
}

/**
 * Every resource that is served at the moment, built-in and custom, found by one look into a Map. Resources come and
 * go with their definitions; whoever publishes a list of them subscribes to changes.
 */
export class Resources {
  readonly #storage: Storage;
  /** `group/resource` */
  readonly #byResource = new Map<string, ServedResource>();
  readonly #stores = new Map<string, { readonly store: ResourceStore; readonly owner: ResourceDefinition }>();
  readonly #listeners = new Set<() => void>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  add(definition: ResourceDefinition): ServedResource {
    const { store, owner } = this.#storeOf(definition);
    const registry = new ObjectRegistry(definition, store, storedVersion(owner).schema);
    const versions = new Map(definition.versions.map((each) => [each.version, new ServedVersion(definition, each)]));
    const resource = { definition, registry, versions };
    this.#byResource.set(key(definition.group, definition.resource), resource);
    this.#notify();
    return resource;
  }

  /** A resource that is asked but not stored: it is found, listed in discovery, and has no registry. */
  addVirtual(definition: ResourceDefinition): void {
    const versions = new Map(definition.versions.map((each) => [each.version, new ServedVersion(definition, each)]));
    const resource: ServedResource = {
      definition,
      versions,
      get registry(): ObjectRegistry {
        throw new Error(`${definition.resource} are not stored`);
      },
    };
    this.#byResource.set(key(definition.group, definition.resource), resource);
    this.#notify();
  }

  /** Serves a changed definition over the same store: a custom resource with a new schema. */
  replace(definition: ResourceDefinition): ServedResource {
    this.remove(definition.group, definition.resource);
    return this.add(definition);
  }

  /** Shows other verbs in discovery than those that are served; undefined for the same again. */
  announce(resource: ServedResource, verbs: readonly string[] | undefined): void {
    if (resource.announcedVerbs === verbs) return;
    if (verbs) resource.announcedVerbs = verbs;
    else delete resource.announcedVerbs;
    this.#notify();
  }

  remove(group: string, resource: string): void {
    const served = this.#byResource.get(key(group, resource));
    if (served === undefined) return;
    this.#byResource.delete(key(group, resource));
    const prefix = served.definition.storagePrefix;
    if (this.#stores.get(prefix)?.owner === served.definition) {
      this.#stores.get(prefix)?.store.close();
      this.#stores.delete(prefix);
    }
    this.#notify();
  }

  /** Two resources with one prefix (core and events.k8s.io Events) are two views on the same objects. */
  #storeOf(definition: ResourceDefinition): { store: ResourceStore; owner: ResourceDefinition } {
    let entry = this.#stores.get(definition.storagePrefix);
    if (entry === undefined) {
      const { group, resource, storagePrefix, namespaced, ttlSeconds } = definition;
      const codec = createStorageCodec(definition);
      const store = this.#storage.resource({
        group,
        resource,
        storagePrefix,
        namespaced,
        codec,
        ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
      });
      entry = { store, owner: definition };
      this.#stores.set(storagePrefix, entry);
    }
    return entry;
  }

  find(group: string, resource: string): ServedResource | undefined {
    return this.#byResource.get(key(group, resource));
  }

  /** A resource that is always there; throws when it is not, which is a mistake of ours. */
  get(group: string, resource: string): ServedResource {
    const served = this.find(group, resource);
    if (served === undefined) throw new Error(`${formatGroupResource(group, resource)} is not served`);
    return served;
  }

  findByKind(group: string, kind: string): ServedResource | undefined {
    for (const served of this.#byResource.values()) {
      if (served.definition.group === group && served.definition.kind === kind) return served;
    }
    return undefined;
  }

  all(): ServedResource[] {
    return [...this.#byResource.values()];
  }

  groupVersionExists(group: string, version: string): boolean {
    return this.all().some(({ definition, versions }) => definition.group === group && versions.has(version));
  }

  /** Whether a group is one of the server's own, whatever its version; core is `''`. */
  servesBuiltIn(group: string): boolean {
    return this.all().some(({ definition }) => definition.group === group && definition.versions[0]?.schema.wire);
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

const key = (group: string, resource: string) => `${group}/${resource}`;
