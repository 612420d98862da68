import { EtcdAmbiguousWrite, EtcdUnavailable } from './errors.ts';
import { backoff, type GrpcEndpoints } from './grpc-endpoints.ts';
import type { KeyValue } from './key-value.ts';
import type { DeleteRequest, PutRequest, RangeRequest, RangeResult, TxnResult } from './kv-requests.ts';
import { ProtobufWriter } from './wire/protobuf-writer.ts';
import { decodeRange, decodeTxn, encodeDelete, encodePut, encodeRange } from './wire/kv-messages.ts';

/**
 * Reads are repeated while etcd is unavailable. So are writes, each of which names the revision it replaces: if an
 * attempt of which no answer came was applied after all, the next one fails on that revision and brings back what stands
 * there; our own bytes at a later revision mean that we succeeded. Anything else is reported as ambiguous, never as done
 * or not done.
 */
export class EtcdKv {
  readonly #endpoints: GrpcEndpoints;
  readonly #retryMs: number;

  constructor(endpoints: GrpcEndpoints, retryMs: number) {
    this.#endpoints = endpoints;
    this.#retryMs = retryMs;
  }

  async get(key: string): Promise<{ kv: KeyValue | undefined; revision: number }> {
    const { kvs, revision } = await this.range({ key });
    return { kv: kvs[0], revision };
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    const message = encodeRange(request);
    const giveUp = performance.now() + this.#retryMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#endpoints.unary('/etcdserverpb.KV/Range', message, decodeRange);
      } catch (error) {
        if (!(error instanceof EtcdUnavailable) || performance.now() >= giveUp) throw error;
        await backoff(attempt);
      }
    }
  }

  put(request: PutRequest): Promise<TxnResult> {
    const mine = ({ current }: TxnResult): TxnResult | undefined =>
      current !== undefined && current.modRevision > request.expectedModRevision && current.value.equals(request.value)
        ? { succeeded: true, revision: current.modRevision, current: undefined }
        : undefined;
    return this.#write(encodePut(request), mine);
  }

  /** After an interruption a key that is gone counts as deleted by us, whoever it was: see `revisionIsLimit`. */
  delete(request: DeleteRequest): Promise<TxnResult> {
    const mine = ({ current, revision }: TxnResult): TxnResult | undefined =>
      current ? undefined : { succeeded: true, revision, revisionIsLimit: true, current };
    return this.#write(encodeDelete(request), mine);
  }

  /** Forgets all versions superseded before `revision`. */
  async compact(revision: number): Promise<void> {
    const message = new ProtobufWriter().integer(1, revision).finish();
    await this.#endpoints.unary('/etcdserverpb.KV/Compact', message, () => undefined);
  }

  /** `applied` tells from a failed repetition what an earlier attempt achieved, if that can be told. */
  async #write(message: Buffer, applied: (failed: TxnResult) => TxnResult | undefined): Promise<TxnResult> {
    const giveUp = performance.now() + this.#retryMs;
    let ambiguous: unknown;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await this.#endpoints.unary('/etcdserverpb.KV/Txn', message, decodeTxn);
        if (result.succeeded || ambiguous === undefined) return result;
        const earlier = applied(result);
        if (!earlier) throw new EtcdAmbiguousWrite(ambiguous);
        return earlier;
      } catch (error) {
        if (!(error instanceof EtcdUnavailable)) {
          throw ambiguous === undefined || error instanceof EtcdAmbiguousWrite ? error : new EtcdAmbiguousWrite(error);
        }
        if (error.sent) ambiguous = error;
        if (performance.now() >= giveUp) throw ambiguous === undefined ? error : new EtcdAmbiguousWrite(ambiguous);
        await backoff(attempt);
      }
    }
  }
}

/** The key after all keys that start with `prefix`: the `rangeEnd` of a prefix. `\0` means the end of the key space. */
export function prefixEnd(prefix: string): string {
  for (let end = prefix.length - 1; end >= 0; end--) {
    const code = prefix.charCodeAt(end);
    if (code < 0x7f) return prefix.slice(0, end) + String.fromCharCode(code + 1);
  }
  return '\0';
}
