import type { KubeObject, ObjectCodec } from '@pilothouse/apimachinery';
import type { ObjectName, StoredObject } from '@pilothouse/storage';

/** An object that is answered with but not stored (dry run, the result of a graceful delete), in a stored one's clothes. */
export function transientObject(
  key: ObjectName,
  object: KubeObject,
  revision: number,
  codec: ObjectCodec,
): StoredObject {
  const kept = new Map<string, unknown>();
  const memo = <T>(name: string, make: () => T): T => {
    if (!kept.has(name)) kept.set(name, make());
    return kept.get(name) as T;
  };
  return {
    key,
    object,
    revision,
    memo,
    encoding: memo,
    json: () => memo('json', () => codec.encodeJson(object)),
    protobuf: () => memo('protobuf', () => codec.encodeProtobuf(object)),
  };
}
