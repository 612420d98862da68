import type { Etcd3, IOptions } from 'etcd3';
import { EtcdClientClosed, GRPC, errorFromStatus, type EtcdError } from './errors.ts';
import type { EtcdClientOptions, EtcdTls } from './etcd-client-options.ts';
import { currentTls } from './grpc-connection.ts';

const CALL_TIMEOUT_MS = 10_000;

/**
 * etcd3, without what it adds by default: its policies repeat writes that were applied and shut every call out for five
 * seconds after three failures, and it has neither keepalive nor deadlines, and a size limit.
 */
const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
};

type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;

const noPolicy = {
  execute: (call: (context: { signal: AbortSignal }) => unknown) => call({ signal: new AbortController().signal }),
  onSuccess: () => ({ dispose() {} }),
  onFailure: () => ({ dispose() {} }),
} as unknown as Policy;

/**
 * The calls that are not hot go through etcd3: leases and maintenance. It is loaded on first use, because it and grpc-js
 * cost a process some 100 ms and 25 MB that a mere reader of etcd does not owe.
 */
export class Etcd3Connection {
  readonly #options: EtcdClientOptions;
  readonly #clients = new Map<string, { readonly tls: EtcdTls | undefined; readonly client: Promise<Etcd3> }>();
  #closed = false;

  constructor(options: EtcdClientOptions) {
    this.#options = options;
  }

  get endpoints(): readonly string[] {
    return this.#options.endpoints;
  }

  /** A call that any member can answer; the members are tried in turn, so only for what may be repeated. */
  async anyMember<T>(call: (client: Etcd3) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (const endpoint of this.#options.endpoints) {
      try {
        return await this.member(endpoint, call);
      } catch (error) {
        failure = error;
        if ((error as EtcdError).code !== GRPC.unavailable) break;
      }
    }
    throw failure;
  }

  async member<T>(endpoint: string, call: (client: Etcd3) => Promise<T>): Promise<T> {
    try {
      return await call(await this.#client(endpoint));
    } catch (error) {
      if (error instanceof EtcdClientClosed) throw error;
      throw typedError(error);
    }
  }

  close(): void {
    this.#closed = true;
    for (const { client } of this.#clients.values()) closeWhenOpen(client);
    this.#clients.clear();
  }

  #client(endpoint: string): Promise<Etcd3> {
    if (this.#closed) return Promise.reject(new EtcdClientClosed());
    const tls = currentTls(this.#options.tls);
    const open = this.#clients.get(endpoint);
    if (open && sameTls(open.tls, tls)) return open.client;
    // grpc-js keeps its credentials for as long as it lives: renewed certificates need a new client.
    if (open) closeWhenOpen(open.client);
    const client = this.#connect(endpoint, tls);
    this.#clients.set(endpoint, { tls, client });
    return client;
  }

  async #connect(endpoint: string, tls: EtcdTls | undefined): Promise<Etcd3> {
    const { Etcd3 } = await import('etcd3');
    const { auth } = this.#options;
    return new Etcd3({
      hosts: endpoint,
      grpcOptions: CHANNEL_OPTIONS,
      faultHandling: { global: noPolicy, host: () => noPolicy },
      defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + CALL_TIMEOUT_MS }),
      ...(tls ? { credentials: { rootCertificate: tls.ca, privateKey: tls.key, certChain: tls.cert } } : {}),
      ...(auth ? { auth } : {}),
    });
  }
}

function closeWhenOpen(client: Promise<Etcd3>): void {
  client.then(
    (open) => open.close(),
    () => {},
  );
}

function sameTls(a: EtcdTls | undefined, b: EtcdTls | undefined): boolean {
  if (!a || !b || a === b) return a === b;
  const same = (x: Buffer | undefined, y: Buffer | undefined) => x === y || (x && y ? x.equals(y) : false);
  return a.ca.equals(b.ca) && same(a.cert, b.cert) && same(a.key, b.key);
}

/** etcd3 throws away the gRPC code; its class names and etcd's messages are what is left of it. */
function typedError(error: unknown): EtcdError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const className = (error as object | null)?.constructor?.name ?? name;
  const unavailable = /Unavailable|DeadlineExceeded|Cancelled/.test(className) || /UNAVAILABLE|DEADLINE/.test(message);
  const typed = errorFromStatus(unavailable ? GRPC.unavailable : GRPC.unknown, message);
  typed.cause = error;
  return typed;
}
