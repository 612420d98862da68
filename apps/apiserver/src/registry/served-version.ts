import {
  createCodec,
  formatApiVersion,
  unwrapEnvelope,
  type KubeObject,
  type ObjectCodec,
  type ResourceDefinition,
  type VersionDefinition,
} from '@pilothouse/apimachinery';
import type { StoredObject } from '@pilothouse/storage';

/**
 * One served version of a resource: turns what is stored into what this version's clients see, and back. Every view
 * and every encoding of a stored object is made once and kept with it, so a list is a concatenation of buffers and an
 * event costs one serialisation however many watch it.
 */
export class ServedVersion {
  readonly definition: ResourceDefinition;
  readonly version: VersionDefinition;
  readonly codec: ObjectCodec;
  /** `apps/v1` */
  readonly apiVersion: string;
  /** Clients see the stored object as it is. */
  readonly isStorageVersion: boolean;
  /** Upstream's typed lists print their items without kind and apiVersion; unstructured ones print them with. */
  readonly #itemPrefixBytes: number;

  constructor(definition: ResourceDefinition, version: VersionDefinition) {
    this.definition = definition;
    this.version = version;
    this.codec = createCodec(version.schema);
    this.apiVersion = formatApiVersion({ group: definition.group, version: version.version });
    this.isStorageVersion =
      version.version === definition.storageVersion &&
      version.fromStorage === undefined &&
      version.remote === undefined;
    const isBuiltIn = version.schema.wire !== undefined;
    this.#itemPrefixBytes = isBuiltIn ? Buffer.byteLength(typeMetaPrefix(definition.kind, this.apiVersion)) : 1;
  }

  /** The object as this version shows it. Shared: never change it. */
  view(stored: StoredObject): KubeObject {
    if (this.isStorageVersion) return stored.object;
    return stored.memo(`${this.apiVersion}/view`, () => this.fromStorage(stored.object));
  }

  /** Must be waited for before `view` and the encodings where a webhook converts; then they need not wait. */
  async prepare(items: readonly StoredObject[]): Promise<void> {
    const { remote } = this.version;
    if (remote === undefined) return;
    const missing = items.filter(
      (stored) => stored.object.apiVersion !== this.apiVersion && !this.#prepared(stored).done,
    );
    if (missing.length === 0) return;
    const converted = await remote(missing.map((stored) => stored.object));
    missing.forEach((stored, at) => {
      stored.memo(`${this.apiVersion}/view`, () => converted[at]!);
      this.#prepared(stored).done = true;
    });
  }

  #prepared(stored: StoredObject): { done: boolean } {
    return stored.memo(`${this.apiVersion}/prepared`, () => ({ done: false }));
  }

  json(stored: StoredObject): Buffer {
    if (this.isStorageVersion) return stored.json();
    return stored.encoding(`${this.apiVersion}/json`, () => this.codec.encodeJson(this.view(stored)));
  }

  protobuf(stored: StoredObject): Buffer {
    if (this.isStorageVersion) return stored.protobuf();
    return stored.encoding(`${this.apiVersion}/protobuf`, () => this.codec.encodeProtobuf(this.view(stored)));
  }

  /** As it stands in a list, without the opening brace: `"metadata":…}`. A view into `json`. */
  itemJson(stored: StoredObject): Buffer {
    return this.json(stored).subarray(this.#itemPrefixBytes);
  }

  /** The message without its envelope. */
  itemProtobuf(stored: StoredObject): Buffer {
    return stored.encoding(`${this.apiVersion}/item`, () => unwrapEnvelope(this.protobuf(stored)).raw);
  }

  fromStorage(object: KubeObject): KubeObject {
    if (this.isStorageVersion) return object;
    const { version } = this;
    if (version.fromStorage) return version.fromStorage(object);
    return { ...object, apiVersion: this.apiVersion };
  }

  /** What the rules of a write see of what is stored: that itself, or, where a webhook converts, this version of it. */
  async underWrite(stored: StoredObject): Promise<KubeObject> {
    if (this.version.remote === undefined) return stored.object;
    await this.prepare([stored]);
    return this.view(stored);
  }

  /** What a client sent, as the rules of a write see it. The result is the caller's, to change as it likes. */
  toWrite(object: KubeObject): KubeObject {
    return this.version.remote === undefined ? this.toStorage(object) : object;
  }

  /** The result is the caller's, to change as it likes. */
  toStorage(object: KubeObject): KubeObject {
    if (this.isStorageVersion) return object;
    const { definition, version } = this;
    if (version.toStorage) return version.toStorage(object);
    return { ...object, apiVersion: formatApiVersion({ group: definition.group, version: definition.storageVersion }) };
  }
}

function typeMetaPrefix(kind: string, apiVersion: string): string {
  return `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`;
}
