import {
  createCodec,
  formatApiVersion,
  hasEnvelope,
  parseApiVersion,
  storedVersion,
  unwrapEnvelope,
  type KubeObject,
  type ObjectCodec,
  type ResourceDefinition,
  type VersionDefinition,
} from '@pilothouse/apimachinery';
import type { StorageCodec } from '@pilothouse/storage';
import { applyDeclaredDefaults } from './declared-defaults.ts';

/**
 * What stands in etcd ⇄ the storage version. Another server, or an older one, may have written another version or
 * encoding: whatever is read becomes the storage version, with the defaults that have been added since.
 */
export function createStorageCodec(definition: ResourceDefinition): StorageCodec {
  const storage = storedVersion(definition);
  const versions = [...definition.versions, ...(definition.unservedVersions ?? [])];
  const codecs = new Map<string, ObjectCodec>(
    versions.map((each) => [
      formatApiVersion({ group: definition.group, version: each.version }),
      createCodec(each.schema),
    ]),
  );
  const codec = createCodec(storage.schema);
  const encodesProtobuf = definition.storageEncoding === 'protobuf';
  return {
    encode: (object) => (encodesProtobuf ? codec.encodeProtobuf(object) : codec.encodeJson(object)),
    ...(storage.schema.wire ? { encodeProtobuf: (object: KubeObject) => codec.encodeProtobuf(object) } : {}),
    decode(bytes) {
      const isProtobuf = hasEnvelope(bytes);
      const apiVersion = isProtobuf ? unwrapEnvelope(bytes).apiVersion : apiVersionOfJson(bytes);
      const reader = codecs.get(apiVersion) ?? codec;
      const object = isProtobuf ? reader.decodeProtobuf(bytes) : reader.decodeJson(bytes.toString()).object;
      return upgrade(definition, storage, object);
    },
  };
}

function upgrade(definition: ResourceDefinition, storage: VersionDefinition, object: KubeObject): KubeObject {
  const { version } = parseApiVersion(object.apiVersion ?? '');
  const written = [...definition.versions, ...(definition.unservedVersions ?? [])].find(
    (each) => each.version === version,
  );
  if (written === undefined || written === storage) {
    applyDefaults(storage, object);
    return object;
  }
  applyDefaults(written, object);
  // A webhook is asked when the object is shown; until then it stays in the version it was written in.
  return written.remote ? object : (written.toStorage?.(object) ?? object);
}

/** Fills what is unset, in place: first what the schema declares, then what code adds. */
export function applyDefaults(version: VersionDefinition, object: KubeObject): void {
  applyDeclaredDefaults(version.schema, object);
  version.defaults?.(object);
}

function apiVersionOfJson(bytes: Buffer): string {
  return (JSON.parse(bytes.toString()) as KubeObject).apiVersion ?? '';
}
