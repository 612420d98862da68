import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { TransportError, type TransportRequest, type TransportResponse } from './transport.ts';

/**
 * Per stream and per connection. HTTP/2's own default of 64 KiB would make one slow list stall every watch that shares
 * the connection.
 */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 256 * 1024 * 1024;
/** Node refuses new streams above this; its default of 10 is reached by a few hundred requests at once. */
const MAX_SESSION_MEMORY_MB = 1024;
const SETTINGS_TIMEOUT_MS = 10_000;

/** When a silent connection is asked whether it still lives, and how long it has to answer. */
export interface HealthTimeouts {
  readonly readIdleMs: number;
  readonly pingMs: number;
}

/** client-go's HTTP2_READ_IDLE_TIMEOUT_SECONDS and HTTP2_PING_TIMEOUT_SECONDS. */
export const HEALTH_TIMEOUTS: HealthTimeouts = { readIdleMs: 30_000, pingMs: 15_000 };

/** One HTTP/2 connection that many requests share. Once it fails or the server says GOAWAY it takes no more. */
export class Http2Connection {
  readonly #session: ClientHttp2Session;
  readonly #authority: string;
  #openStreams = 0;
  #draining = false;
  /** From GOAWAY: streams above it were not processed. */
  #lastProcessedStream = Infinity;
  readonly #healthCheck: NodeJS.Timeout;

  private constructor(session: ClientHttp2Session, authority: string, health: HealthTimeouts) {
    this.#session = session;
    this.#authority = authority;
    session.on('error', () => (this.#draining = true));
    session.on('close', () => {
      this.#draining = true;
      clearInterval(this.#healthCheck);
    });
    session.on('goaway', (_code, lastStreamId) => {
      this.#draining = true;
      this.#lastProcessedStream = lastStreamId;
    });
    this.#healthCheck = this.#watchHealth(health);
  }

  /** Speaks HTTP/2 over an open socket; resolves when the server has sent its settings, so that limits are known. */
  static start(socket: TLSSocket, url: URL, health: HealthTimeouts): Promise<Http2Connection> {
    return new Promise((resolve, reject) => {
      const session = connect(url.origin, {
        createConnection: () => socket,
        settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
        maxSessionMemory: MAX_SESSION_MEMORY_MB,
      } as Parameters<typeof connect>[1]);
      const connection = new Http2Connection(session, url.host, health);
      const fail = (cause?: Error) => {
        clearTimeout(timer);
        session.destroy();
        const message = `dial ${url.host}: ${cause?.message ?? 'connection closed before HTTP/2 was set up'}`;
        reject(new TransportError(message, { mayHaveBeenProcessed: false, cause }));
      };
      const timer = setTimeout(() => fail(new Error('no HTTP/2 settings from the server')), SETTINGS_TIMEOUT_MS);
      session.once('error', fail);
      session.once('close', () => fail());
      session.once('remoteSettings', () => {
        clearTimeout(timer);
        session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
        resolve(connection);
      });
    });
  }

  get usable(): boolean {
    return !this.#draining && !this.#session.closed && !this.#session.destroyed;
  }

  get openStreams(): number {
    return this.#openStreams;
  }

  /** How many more streams the server lets us open now. */
  get freeStreams(): number {
    return (this.#session.remoteSettings?.maxConcurrentStreams ?? 100) - this.#openStreams;
  }

  send({ method, path, headers, body, signal, admit }: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      admit?.();
      let stream: ClientHttp2Stream;
      try {
        stream = this.#session.request(
          { ':method': method, ':path': path, ':scheme': 'https', ':authority': this.#authority, ...headers },
          { endStream: body === undefined },
        );
      } catch (cause) {
        // The session died or drained since it was chosen: nothing has been sent.
        reject(new TransportError((cause as Error).message, { mayHaveBeenProcessed: false, cause }));
        return;
      }
      this.#openStreams++;
      const abort = () => {
        stream.close(constants.NGHTTP2_CANCEL);
        stream.destroy(signal!.reason as Error);
        reject(signal!.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      // Stays for the life of the stream: an error after the response reaches whoever reads the body.
      stream.on('error', (cause) => {
        if (!answered) reject(signal?.aborted ? (signal.reason as Error) : this.#failure(stream, cause));
      });
      stream.once('close', () => {
        this.#openStreams--;
        signal?.removeEventListener('abort', abort);
        if (!answered) reject(this.#failure(stream));
      });
      let answered = false;
      let complete = false;
      // When the connection breaks, Node destroys its streams and they end without an error, too.
      stream.once('end', () => (complete = !stream.destroyed));
      stream.once('response', (responseHeaders) => {
        answered = true;
        resolve({
          status: responseHeaders[':status'] ?? 0,
          headers: responseHeaders as TransportResponse['headers'],
          body: stream,
          isComplete: () => complete,
        });
      });
      if (body !== undefined) stream.end(body);
    });
  }

  /** Lets running streams end; new requests go elsewhere. */
  drain(): void {
    this.#draining = true;
    this.#session.close();
  }

  destroy(): void {
    this.#draining = true;
    this.#session.destroy();
  }

  #failure(stream: ClientHttp2Stream, cause?: Error): TransportError {
    const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    const sent = stream.id !== undefined && stream.id <= this.#lastProcessedStream;
    const message = cause?.message ?? 'http2: client connection lost';
    return new TransportError(message, { mayHaveBeenProcessed: sent && !refused, cause });
  }

  /**
   * A connection whose peer vanished (a machine that lost power, a dropped NAT entry) looks idle for minutes. When
   * nothing came in for a while, ask; when no answer comes either, fail all its streams.
   */
  #watchHealth({ readIdleMs, pingMs }: HealthTimeouts): NodeJS.Timeout {
    let bytesSeen = -1;
    return setInterval(() => {
      const bytesRead = this.#session.destroyed ? bytesSeen : (this.#session.socket?.bytesRead ?? bytesSeen);
      if (bytesRead !== bytesSeen) {
        bytesSeen = bytesRead;
        return;
      }
      const timer = setTimeout(
        () => this.#session.destroy(new Error('http2: client connection lost: no answer to a ping')),
        pingMs,
      );
      timer.unref();
      const sent = !this.#session.destroyed && this.#session.ping(() => clearTimeout(timer));
      if (!sent) clearTimeout(timer);
    }, readIdleMs).unref();
  }
}
