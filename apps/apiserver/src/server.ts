import http2, { type Http2SecureServer } from 'node:http2';
import type { RequestListener, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Connections } from './http/connections.ts';

export interface ServerOptions {
  readonly bindAddress: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly tls: ServingCertificate;
  readonly listener: RequestListener;
  /** WebSocket and SPDY: arrives as HTTP/1.1. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** How many streams one HTTP/2 connection may have open; every watch is one. */
  readonly maxStreamsPerConnection: number;
}

/** PEM texts. `clientCa` is the bundle that client certificates are checked against. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}

/** A client that has sent half a header after this long is dropped. */
const HEADERS_TIMEOUT_MS = 30_000;
/** Upstream's idle timeout of a keep-alive connection (http.Server.IdleTimeout) is 90 s. */
const IDLE_TIMEOUT_MS = 90_000;
const MAX_SESSION_MEGABYTES = 512;
const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;

/** One TLS port that speaks HTTP/2 and HTTP/1.1, whichever the client negotiates. */
export class SecureServer {
  readonly #server: Http2SecureServer;
  readonly #connections: Connections;

  constructor(options: ServerOptions) {
    this.#server = http2.createSecureServer({
      allowHTTP1: true,
      handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS,
      // Whoever has no certificate, or a wrong one, is still heard: authentication decides, and answers 401.
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      // Counts what waits to be sent: a component's large lists and hundreds of watches share one connection.
      maxSessionMemory: MAX_SESSION_MEGABYTES,
      settings: { maxConcurrentStreams: options.maxStreamsPerConnection, initialWindowSize: 1 << 20 },
      ...secureContext(options.tls),
    });
    // With allowHTTP1 the server carries the timeouts of http.Server too, which the types do not say.
    Object.assign(this.#server, {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 0,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
    });
    this.#connections = new Connections(this.#server);
    // Node types the HTTP/2 listener apart, but hands HTTP/1.1 requests to it too.
    this.#server.on('request', options.listener as never);
    this.#server.on('upgrade', options.onUpgrade as never);
    this.#server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) =>
      answerBrokenRequest(error, socket),
    );
    this.#server.on('sessionError', () => {});
  }

  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host, backlog: 1024 }, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** New connections use the new certificate; open ones keep theirs. */
  reload(tls: ServingCertificate): void {
    this.#server.setSecureContext(secureContext(tls));
  }

  get openConnections(): number {
    return this.#connections.open;
  }

  /** Stops accepting, lets what is under way finish until `drained` or for `graceMs`, then cuts every connection. */
  async close(drained: Promise<void>, graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#connections.closePolitely();
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      deadline = setTimeout(resolve, graceMs);
    });
    await Promise.race([drained, late]);
    clearTimeout(deadline);
    // A session that was closed politely ends by itself when its last stream has been read; a client that has stopped
    // reading is not waited for.
    await Promise.race([
      this.#connections.sessionsEnded(),
      new Promise((resolve) => setTimeout(resolve, LAST_READS_MS)),
    ]);
    // The last HTTP/1.1 answers are still being written; idle connections would stay for as long as clients like.
    await new Promise<void>((resolve) => setTimeout(resolve, LAST_BYTES_MS));
    this.#connections.destroy();
    await closed;
  }
}

/** For clients to read their last answers. */
const LAST_READS_MS = 1_000;
/** For what the kernel has not sent yet when the last handler is done. */
const LAST_BYTES_MS = 50;

function secureContext({ cert, key, clientCa }: ServingCertificate) {
  return { cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) };
}

/** What cannot be parsed as HTTP still deserves an answer, when somebody may be there to read it. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const line =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${line}`);
}
