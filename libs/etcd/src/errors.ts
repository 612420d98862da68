/** gRPC status codes that etcd answers with, https://grpc.io/docs/guides/status-codes/. */
export const GRPC = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  outOfRange: 11,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Any refusal by etcd; the subclasses are those that a caller treats differently. */
export class EtcdError extends Error {
  override readonly name: string = 'EtcdError';
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * No answer: no connection, a connection lost, a deadline passed, no leader. With `sent` false the request never left,
 * so nothing was applied; with `sent` true a write may have been applied or may yet be.
 */
export class EtcdUnavailable extends EtcdError {
  override readonly name: string = 'EtcdUnavailable';
  readonly sent: boolean;

  constructor(message: string, sent: boolean, options?: ErrorOptions) {
    super(GRPC.unavailable, message, options);
    this.sent = sent;
  }
}

/** The client was closed, here: repeating is no use. */
export class EtcdClientClosed extends EtcdError {
  override readonly name = 'EtcdClientClosed';

  constructor() {
    super(GRPC.unavailable, 'the etcd client is closed');
  }
}

/** A write whose outcome could not be learnt by reading back: it may or may not have been applied. */
export class EtcdAmbiguousWrite extends EtcdError {
  override readonly name = 'EtcdAmbiguousWrite';

  constructor(cause: unknown) {
    super(GRPC.unknown, 'the outcome of a write to etcd is unknown', { cause });
  }
}

/** The revision asked for is gone. `compactRevision` is 0 where etcd does not tell it (reads; a watch does). */
export class EtcdCompacted extends EtcdError {
  override readonly name = 'EtcdCompacted';
  readonly compactRevision: number;

  constructor(compactRevision: number) {
    super(GRPC.outOfRange, 'etcdserver: mvcc: required revision has been compacted');
    this.compactRevision = compactRevision;
  }
}

/** The revision asked for is not there yet. */
export class EtcdFutureRevision extends EtcdError {
  override readonly name = 'EtcdFutureRevision';

  constructor() {
    super(GRPC.outOfRange, 'etcdserver: mvcc: required revision is a future revision');
  }
}

/** The space quota is used up: writes are refused until compaction, defragmentation and disarming the alarm. */
export class EtcdNoSpace extends EtcdError {
  override readonly name = 'EtcdNoSpace';

  constructor() {
    super(GRPC.resourceExhausted, 'etcdserver: mvcc: database space exceeded');
  }
}

/** The lease has run out or was never granted here (etcd was restored): nothing was written. */
export class EtcdLeaseNotFound extends EtcdError {
  override readonly name = 'EtcdLeaseNotFound';

  constructor() {
    super(GRPC.notFound, 'etcdserver: requested lease not found');
  }
}

/** Larger than etcd's `--max-request-bytes` (1.5 MiB). */
export class EtcdRequestTooLarge extends EtcdError {
  override readonly name = 'EtcdRequestTooLarge';

  constructor() {
    super(GRPC.invalidArgument, 'etcdserver: request is too large');
  }
}

/** The error for a gRPC status; messages are etcd's own (api/v3rpc/rpctypes), the only thing that tells some apart. */
export function errorFromStatus(code: number, message: string): EtcdError {
  if (message.includes('required revision has been compacted')) return new EtcdCompacted(0);
  if (message.includes('required revision is a future revision')) return new EtcdFutureRevision();
  if (message.includes('database space exceeded')) return new EtcdNoSpace();
  if (message.includes('request is too large') || message.includes('received message larger than max')) {
    return new EtcdRequestTooLarge();
  }
  if (message.includes('requested lease not found')) return new EtcdLeaseNotFound();
  // Refused before it was proposed; anything else that is "unavailable" may have reached the log of raft.
  if (message.includes('too many requests')) return new EtcdUnavailable(message, false);
  if (code === GRPC.unavailable || code === GRPC.deadlineExceeded) return new EtcdUnavailable(message, true);
  return new EtcdError(code, message);
}
