/**
 * How the values of a resource lie in etcd: encrypted, usually. What needs a service elsewhere answers with a promise,
 * what does not answers at once, so that it costs no turn of the event loop.
 */
export interface ValueTransformer {
  /** `key` is the whole etcd key; ciphers bind the value to it, so that one object's value is no other's. */
  toStorage(value: Buffer, key: string): Buffer | Promise<Buffer>;
  fromStorage(value: Buffer, key: string): PlainValue | Promise<PlainValue>;
}

export interface PlainValue {
  readonly value: Buffer;
  /** It would be stored otherwise today: the next update writes it, even when nothing changes. */
  readonly stale: boolean;
}

/** Asked at every value, because what is in force may change. */
export interface StorageEncryption {
  /** Undefined: as it is. */
  transformerFor(group: string, resource: string): ValueTransformer | undefined;
}
