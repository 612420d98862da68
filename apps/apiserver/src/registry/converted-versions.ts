import {
  decodeJsonValue,
  formatApiVersion,
  storedVersion,
  type KubeObject,
  type ObjectSchema,
  type ResourceDefinition,
  type VersionDefinition,
} from '@pilothouse/apimachinery';

/** The versions of a resource that a webhook converts, by what their objects call them; none of any other resource. */
export class ConvertedVersions {
  readonly #versions = new Map<string, VersionDefinition>();
  readonly #storage: VersionDefinition | undefined;
  readonly #storageApiVersion: string;

  constructor(definition: ResourceDefinition) {
    const { group, versions, unservedVersions = [], storageVersion } = definition;
    for (const each of [...versions, ...unservedVersions]) {
      if (each.remote) this.#versions.set(formatApiVersion({ group, version: each.version }), each);
    }
    this.#storage = this.#versions.size > 0 ? storedVersion(definition) : undefined;
    this.#storageApiVersion = formatApiVersion({ group, version: storageVersion });
  }

  schemaOf({ apiVersion = '' }: KubeObject): ObjectSchema | undefined {
    return this.#versions.get(apiVersion)?.schema;
  }

  /** Whether the object is in the version that is stored now. */
  isStored({ apiVersion }: KubeObject): boolean {
    return this.#storage === undefined || apiVersion === this.#storageApiVersion;
  }

  /** The object as it is to be stored; rejects when the webhook fails. */
  async toStored(object: KubeObject): Promise<KubeObject> {
    if (this.#storage?.remote === undefined || this.isStored(object)) return object;
    const [converted] = await this.#storage.remote([object]);
    return decodeJsonValue(this.#storage.schema, converted).object;
  }
}
