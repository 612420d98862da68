import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { EtcdClientClosed, EtcdUnavailable, GRPC, errorFromStatus, type EtcdError } from './errors.ts';
import { FrameSplitter, frameMessage } from './wire/grpc-frame.ts';
import type { EtcdTls, EtcdTlsSource } from './etcd-client-options.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const KEEPALIVE_INTERVAL_MS = 10_000;
/** A call that takes longer makes us ask whether the member is alive at all. */
const SUSPICIOUS_MS = 1_000;
const KEEPALIVE_TIMEOUT_MS = 3_000;
const CHECK_MS = 250;
/** A check that comes so late means that this process stood still, not etcd. */
const STALLED_MS = 1_000;
const STREAM_WINDOW_BYTES = 8 << 20;
const SESSION_WINDOW_BYTES = 64 << 20;
/** In megabytes. Node's default of 10 refuses new calls while one large list is on its way. */
const MAX_SESSION_MEMORY = 1024;

interface Call {
  readonly startMs: number;
  readonly deadline: number;
  readonly fail: (error: EtcdError) => void;
}

interface Connecting {
  readonly session: ClientHttp2Session;
  /** Rejects when it could not be connected. */
  readonly connected: Promise<ClientHttp2Session>;
}

export interface GrpcStream {
  write(message: Buffer): void;
  close(): void;
}

export interface GrpcStreamHandler {
  message(message: Buffer): void;
  /** Called once, however the stream ends; undefined when etcd ended it without an error. */
  ended(error: EtcdError | undefined): void;
}

/**
 * gRPC to one etcd member over node:http2, for the calls on the hot path (KV and Watch).
 *
 * Why not grpc-js, which everything else uses: with 64 create transactions in flight and one core for the client, a call
 * through etcd3 and grpc-js costs 174 µs of CPU (a get 142), the same call here 66 µs (50), so that 8,700 creates/s fit
 * where 5,400 did. A unary gRPC call is one HTTP/2 request with a five-byte prefix and a status in the trailers; the rest
 * of grpc-js (service configuration, retries, load balancing, interceptors) is what must be switched off for etcd anyway.
 */
export class GrpcConnection {
  readonly endpoint: string;
  readonly #tls: EtcdTlsSource | undefined;
  readonly #calls = new Set<Call>();
  #current: Connecting | undefined;
  #closed = false;

  constructor(endpoint: string, tls: EtcdTlsSource | undefined) {
    this.endpoint = endpoint;
    this.#tls = tls;
  }

  /** `token` is that of an authenticated user, empty without authentication. */
  async unary(path: string, token: string, message: Buffer, timeoutMs: number): Promise<Buffer> {
    const session = await this.#connected();
    return new Promise<Buffer>((resolve, reject) => {
      const stream = openStream(session, path, token);
      const frames = new FrameSplitter();
      let answer: Buffer | undefined;
      /** Undefined until etcd has said how it went: what ends without that was cut. */
      let status: EtcdError | 'ok' | undefined;
      const startMs = performance.now();
      const call: Call = {
        startMs,
        deadline: startMs + timeoutMs,
        fail: (error) => {
          this.#calls.delete(call);
          reject(error);
          stream.close(constants.NGHTTP2_CANCEL);
        },
      };
      this.#calls.add(call);
      stream.on('data', (chunk: Buffer) => {
        try {
          answer = frames.push(chunk)[0] ?? answer;
        } catch (error) {
          call.fail(unreadable(error));
        }
      });
      onStatus(stream, (said) => (status = said));
      stream.on('error', (error) => call.fail(lost(error, stream)));
      stream.on('close', () => {
        this.#calls.delete(call);
        if (status === 'ok' && answer) resolve(answer);
        else if (status && status !== 'ok') reject(status);
        else reject(lost(undefined, stream));
      });
      stream.end(frameMessage(message));
    });
  }

  /** A stream in both directions. Rejects when there is no connection; from then on the handler hears of it. */
  async stream(path: string, token: string, handler: GrpcStreamHandler): Promise<GrpcStream> {
    const session = await this.#connected();
    const stream = openStream(session, path, token);
    const frames = new FrameSplitter();
    let failure: EtcdError | undefined;
    let over = false;
    const end = (error: EtcdError | undefined) => {
      if (over) return;
      over = true;
      handler.ended(error);
      stream.close(constants.NGHTTP2_CANCEL);
    };
    stream.on('data', (chunk: Buffer) => {
      if (over) return;
      try {
        for (const message of frames.push(chunk)) handler.message(message);
      } catch (error) {
        end(unreadable(error));
      }
    });
    onStatus(stream, (said) => (failure = said === 'ok' ? undefined : said));
    stream.on('error', (error) => end(lost(error, stream)));
    stream.on('close', () => end(failure));
    return {
      write: (message) => void stream.write(frameMessage(message)),
      close: () => {
        over = true;
        stream.close(constants.NGHTTP2_CANCEL);
      },
    };
  }

  close(): void {
    this.#closed = true;
    this.#current?.session.destroy();
    this.#current = undefined;
  }

  #connected(): Promise<ClientHttp2Session> {
    if (this.#closed) return Promise.reject(new EtcdClientClosed());
    // Asked rather than waited for: a session says that it is closed only when its socket is gone too, perhaps much later.
    if (!this.#current || this.#current.session.destroyed || this.#current.session.closed) {
      try {
        this.#current = this.#connect();
      } catch (cause) {
        return Promise.reject(this.#cannotConnect(cause));
      }
    }
    return this.#current.connected;
  }

  #connect(): Connecting {
    const session = connect(this.endpoint, {
      ...currentTls(this.#tls),
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
      maxSessionMemory: MAX_SESSION_MEMORY,
    });
    const connected = new Promise<ClientHttp2Session>((resolve, reject) => {
      let cause: Error | undefined;
      const refuse = setTimeout(() => session.destroy(new Error('connect timeout')), CONNECT_TIMEOUT_MS);
      session.once('connect', () => {
        clearTimeout(refuse);
        session.setLocalWindowSize(SESSION_WINDOW_BYTES);
        this.#watchOver(session);
        resolve(session);
      });
      session.on('error', (error) => (cause = error));
      // A member that shuts down says so; calls in flight end by themselves, new ones need a new connection.
      session.on('goaway', () => {
        if (this.#current?.session === session) this.#current = undefined;
      });
      session.on('close', () => {
        clearTimeout(refuse);
        reject(this.#cannotConnect(cause));
      });
    });
    return { session, connected };
  }

  #cannotConnect(cause: unknown): EtcdUnavailable {
    return new EtcdUnavailable(`cannot connect to ${this.endpoint}: ${reasonOf(cause)}`, false, { cause });
  }

  /**
   * Deadlines are looked at four times a second: a timer per call would cost more than their precision is worth. A member
   * that stopped without closing its connections is found out by pings: every ten seconds, or as soon as a call is slow.
   */
  #watchOver(session: ClientHttp2Session): void {
    let lastCheck = performance.now();
    let lastPing = lastCheck;
    let awaitingPong = false;
    const timer = setInterval(() => {
      const now = performance.now();
      const stalled = now - lastCheck > STALLED_MS;
      lastCheck = now;
      // The answers may lie unread in the socket: the next check is soon enough.
      if (stalled) lastPing = now;
      if (stalled || session.destroyed) return;
      this.#expireCalls(now);
      if (awaitingPong) {
        if (now - lastPing >= KEEPALIVE_TIMEOUT_MS) session.destroy(new Error('no answer to keepalive'));
        return;
      }
      const [oldest] = this.#calls;
      const interval = oldest && now - oldest.startMs > SUSPICIOUS_MS ? SUSPICIOUS_MS : KEEPALIVE_INTERVAL_MS;
      if (now - lastPing < interval) return;
      lastPing = now;
      awaitingPong = true;
      session.ping(() => (awaitingPong = false));
    }, CHECK_MS);
    timer.unref();
    session.once('close', () => clearInterval(timer));
  }

  #expireCalls(now: number): void {
    for (const call of this.#calls) {
      if (call.deadline <= now) call.fail(new EtcdUnavailable('etcd did not answer in time', true));
    }
  }
}

function openStream(session: ClientHttp2Session, path: string, token: string): ClientHttp2Stream {
  try {
    return session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      // A member cut off from the majority then ends streams rather than keeping them silent (rpctypes.MetadataHasLeader).
      hasleader: 'true',
      ...(token ? { token } : {}),
    });
  } catch (error) {
    // The session went away between two turns of the event loop: nothing was sent.
    throw new EtcdUnavailable(`connection to etcd lost: ${reasonOf(error)}`, false, { cause: error });
  }
}

/** The status stands in the trailers, or in the headers of an answer that has no message. */
function onStatus(stream: ClientHttp2Stream, said: (status: EtcdError | 'ok') => void): void {
  const read = (headers: Record<string, unknown>) => {
    const code = headers['grpc-status'];
    if (code === undefined) return;
    if (Number(code) === GRPC.ok) said('ok');
    else said(errorFromStatus(Number(code), decodeMessage(String(headers['grpc-message'] ?? ''))));
  };
  stream.on('trailers', read);
  stream.on('response', (headers) => {
    if (headers[':status'] === 200) read(headers);
    else said(new EtcdUnavailable(`etcd answered with HTTP status ${headers[':status']}`, true));
  });
}

/** grpc-message is percent-encoded; what cannot be decoded is taken as it is. */
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function lost(cause: Error | undefined, stream: ClientHttp2Stream): EtcdUnavailable {
  // A stream without an id has not begun.
  const sent = !stream.pending && stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM;
  return new EtcdUnavailable(`connection to etcd lost: ${reasonOf(cause)}`, sent, { cause });
}

/** Whatever was asked may have been done; only the answer is of no use. */
export function unreadable(cause: unknown): EtcdUnavailable {
  return new EtcdUnavailable(`unreadable answer from etcd: ${reasonOf(cause)}`, true, { cause });
}

export function currentTls(tls: EtcdTlsSource | undefined): EtcdTls | undefined {
  return typeof tls === 'function' ? tls() : tls;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'closed';
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
