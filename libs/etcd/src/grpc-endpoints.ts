import { setTimeout as sleep } from 'node:timers/promises';
import { EtcdError, EtcdUnavailable, GRPC } from './errors.ts';
import { GrpcConnection, unreadable, type GrpcStream, type GrpcStreamHandler } from './grpc-connection.ts';
import { ProtobufReader } from './wire/protobuf-reader.ts';
import { ProtobufWriter } from './wire/protobuf-writer.ts';
import type { EtcdClientOptions } from './etcd-client-options.ts';

/** How long etcd gets for one attempt; its own limit for a proposal is 7 s. */
const ATTEMPT_TIMEOUT_MS = 8_000;

export interface MemberStream extends GrpcStream {
  /** Whatever is opened next is opened at another member: this one answers, but not truly. */
  turnAway(): void;
}

/**
 * The members of one etcd cluster. Calls go to one member as long as it answers; when it cannot be reached, does not
 * answer or has no leader, the next one is tried from then on. No retries here: whoever calls knows what may be repeated.
 */
export class GrpcEndpoints {
  readonly #connections: readonly GrpcConnection[];
  readonly #auth: EtcdClientOptions['auth'];
  #current = 0;
  #token: Promise<string> | undefined;

  constructor(options: EtcdClientOptions) {
    if (options.endpoints.length === 0) throw new RangeError('etcd needs at least one endpoint');
    this.#connections = options.endpoints.map(
      (endpoint) => new GrpcConnection(withScheme(endpoint, options), options.tls),
    );
    this.#auth = options.auth;
  }

  async unary<T>(path: string, message: Buffer, decode: (answer: ProtobufReader) => T): Promise<T> {
    const connection = this.#connections[this.#current]!;
    try {
      const token = this.#auth ? await this.#authenticated(connection) : '';
      return readable(decode, await connection.unary(path, token, message, ATTEMPT_TIMEOUT_MS));
    } catch (error) {
      throw this.#blame(connection, error);
    }
  }

  async stream(path: string, handler: GrpcStreamHandler): Promise<MemberStream> {
    const connection = this.#connections[this.#current]!;
    try {
      const token = this.#auth ? await this.#authenticated(connection) : '';
      const stream = await connection.stream(path, token, {
        message: handler.message,
        ended: (error) => handler.ended(error && this.#blame(connection, error)),
      });
      return { ...stream, turnAway: () => this.#turnFrom(connection) };
    } catch (error) {
      throw this.#blame(connection, error);
    }
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Turns to the next member when this one failed, once per failure however many calls were in flight. */
  #blame(connection: GrpcConnection, error: unknown): EtcdError {
    if (error instanceof EtcdUnavailable) this.#turnFrom(connection);
    if (!(error instanceof EtcdError)) return new EtcdUnavailable(String(error), true, { cause: error });
    // A token lives five minutes by default; the refusal comes before anything is applied, so the call may be repeated.
    if (error.code === GRPC.unauthenticated || error.message.includes('invalid auth token')) {
      this.#token = undefined;
      return new EtcdUnavailable(error.message, false, { cause: error });
    }
    return error;
  }

  #turnFrom(connection: GrpcConnection): void {
    if (this.#connections[this.#current] === connection) {
      this.#current = (this.#current + 1) % this.#connections.length;
    }
  }

  #authenticated(connection: GrpcConnection): Promise<string> {
    this.#token ??= this.#authenticate(connection).catch((error: unknown) => {
      this.#token = undefined;
      throw error;
    });
    return this.#token;
  }

  async #authenticate(connection: GrpcConnection): Promise<string> {
    const { username, password } = this.#auth!;
    const message = new ProtobufWriter().text(1, username).text(2, password).finish();
    const answer = await connection.unary('/etcdserverpb.Auth/Authenticate', '', message, ATTEMPT_TIMEOUT_MS);
    const reader = new ProtobufReader(answer);
    while (reader.next()) {
      if (reader.field === 2) return reader.text();
      reader.skip();
    }
    throw new EtcdError(GRPC.unauthenticated, 'etcd answered an authentication without a token');
  }
}

/** What cannot be decoded is no answer: a write may have been done, and is read back. */
function readable<T>(decode: (answer: ProtobufReader) => T, answer: Buffer): T {
  try {
    return decode(new ProtobufReader(answer));
  } catch (error) {
    throw unreadable(error);
  }
}

function withScheme(endpoint: string, options: EtcdClientOptions): string {
  if (/^https?:\/\//.test(endpoint)) return endpoint;
  return `${options.tls ? 'https' : 'http'}://${endpoint}`;
}

/** Waits before attempt number `attempt` (from 1): 25 ms, doubling, at most one second. */
export function backoff(attempt: number): Promise<void> {
  return sleep(Math.min(25 * 2 ** (attempt - 1), 1_000));
}
