/**
 * What a server sent is no object that this client knows: a kind without a schema in Protobuf, or bytes that contradict
 * it. Asking again brings the same bytes, so whoever can do without that one object goes on without it.
 */
export class UndecodableObjectError extends Error {
  constructor(cause: unknown) {
    super(`unable to decode an object: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'UndecodableObjectError';
  }
}
