import type { KubeObject } from '@pilothouse/apimachinery';
import { pathOf } from './key-index.ts';
import { isProtobuf, spliceResourceVersion, withResourceVersion } from './resource-version-field.ts';
import { corruptObject } from './storage-errors.ts';
import type { ObjectName, StorageCodec, StoredObject } from './storage.ts';

/**
 * One version of one object over the bytes that etcd holds. Everything else is made on first use and kept: most versions
 * of an Event, say, are never decoded, and a Pod that a thousand watchers see is encoded once.
 */
export class StoredVersion implements StoredObject {
  readonly key: ObjectName;
  readonly revision: number;
  /** As stored: without a resourceVersion. */
  readonly value: Buffer;
  readonly #codec: StorageCodec;
  #encodedHere = false;
  #object: KubeObject | undefined;
  #json: Buffer | undefined;
  #protobuf: Buffer | undefined;
  #memos: Map<string, unknown> | undefined;

  constructor(key: ObjectName, value: Buffer, revision: number, codec: StorageCodec) {
    this.key = key;
    this.value = value;
    this.revision = revision;
    this.#codec = codec;
  }

  /** The same object as of another revision: what a deletion hands out. Decoding is shared. */
  at(revision: number): StoredVersion {
    const other = new StoredVersion(this.key, this.value, revision, this.#codec);
    other.#encodedHere = this.#encodedHere;
    if (this.#object) other.#object = withResourceVersion(this.#object, revision);
    return other;
  }

  /**
   * The bytes are this process's own: in its storage version, with its defaults. Only then may they be handed out as they
   * are; what an older server wrote has to be decoded and encoded for that.
   */
  markEncodedHere(): this {
    this.#encodedHere = true;
    return this;
  }

  get object(): KubeObject {
    this.#object ??= this.#decode();
    return this.#object;
  }

  json(): Buffer {
    this.#json ??= Buffer.from(JSON.stringify(this.object));
    return this.#json;
  }

  protobuf(): Buffer {
    this.#protobuf ??= (this.#encodedHere ? this.#spliced() : undefined) ?? this.#encodeProtobuf();
    return this.#protobuf;
  }

  memo<T>(key: string, make: () => T): T {
    this.#memos ??= new Map();
    let made = this.#memos.get(key) as T | undefined;
    if (made === undefined) {
      made = make();
      this.#memos.set(key, made);
    }
    return made;
  }

  /** Splicing the resourceVersion in before decoding puts it into its place in the object as well. */
  #decode(): KubeObject {
    const spliced = this.#spliced();
    try {
      if (spliced) return this.#codec.decode(spliced);
      return withResourceVersion(this.#codec.decode(this.value), this.revision);
    } catch (error) {
      throw corruptObject(pathOf(this.key), error);
    }
  }

  #spliced(): Buffer | undefined {
    return isProtobuf(this.value) ? spliceResourceVersion(this.value, this.revision) : undefined;
  }

  #encodeProtobuf(): Buffer {
    if (!this.#codec.encodeProtobuf) throw new TypeError(`${this.key.name} has no Protobuf encoding`);
    return this.#codec.encodeProtobuf(this.object);
  }
}
