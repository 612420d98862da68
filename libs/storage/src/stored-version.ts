import { internalError, type KubeObject } from '@pilothouse/apimachinery';
import { pathOf } from './key-index.ts';
import { keptBytes } from './kept-bytes.ts';
import { isProtobuf, spliceResourceVersion, withResourceVersion } from './resource-version-field.ts';
import { corruptObject } from './storage-errors.ts';
import type { ObjectName, StorageCodec, StoredObject } from './storage.ts';
import type { StoredKeyValue } from './transformed-etcd.ts';

/**
 * One version of one object over the bytes that etcd holds. Everything else is made on first use and kept: most versions
 * of an Event, say, are never decoded, and a Pod that a thousand watchers see is encoded once. What can be made again is
 * forgotten when nobody is likely to ask: a version in the history then costs no more than its bytes.
 */
export class StoredVersion implements StoredObject {
  readonly key: ObjectName;
  readonly revision: number;
  /** As stored: without a resourceVersion. */
  readonly value: Buffer;
  readonly #codec: StorageCodec;
  /** Its transformer would store it otherwise today. */
  stale = false;
  #unreadable: string | undefined;
  #encodedHere = false;
  #object: KubeObject | undefined;
  #json: Buffer | undefined;
  #protobuf: Buffer | undefined;
  #encodings: Map<string, Buffer> | undefined;
  #memos: Map<string, unknown> | undefined;

  constructor(key: ObjectName, value: Buffer, revision: number, codec: StorageCodec) {
    this.key = key;
    this.value = keptBytes(value);
    this.revision = revision;
    this.#codec = codec;
  }

  /** The same object as of another revision: what a deletion hands out. Decoding is shared. */
  at(revision: number): StoredVersion {
    const other = new StoredVersion(this.key, this.value, revision, this.#codec);
    other.#encodedHere = this.#encodedHere;
    other.#unreadable = this.#unreadable;
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

  /** What reading it out of etcd told. */
  markRead({ stale, unreadable }: StoredKeyValue): this {
    this.stale = stale ?? false;
    this.#unreadable = unreadable;
    return this;
  }

  holds(value: Buffer): boolean {
    return this.value.equals(value);
  }

  get object(): KubeObject {
    this.#object ??= this.#decode();
    return this.#object;
  }

  json(): Buffer {
    this.#json ??= keptBytes(Buffer.from(JSON.stringify(this.object)));
    return this.#json;
  }

  protobuf(): Buffer {
    this.#protobuf ??= keptBytes((this.#encodedHere ? this.#spliced() : undefined) ?? this.#encodeProtobuf());
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

  encoding(key: string, make: () => Buffer): Buffer {
    let made = this.#encodings?.get(key);
    if (made === undefined) {
      made = make();
      this.#encodings ??= new Map();
      this.#encodings.set(key, made);
    }
    return made;
  }

  /** Of a version that readers may still want: all watchers have had their frames. */
  forgetFrames(): void {
    this.#encodings = undefined;
  }

  /** Of a version that has been replaced. Memos stay: not all can be made again synchronously. */
  forgetDerived(): void {
    this.#object = undefined;
    this.#json = undefined;
    this.#protobuf = undefined;
    this.#encodings = undefined;
  }

  /** Splicing the resourceVersion in before decoding puts it into its place in the object as well. */
  #decode(): KubeObject {
    if (this.#unreadable !== undefined) throw internalError(new Error(this.#unreadable));
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
