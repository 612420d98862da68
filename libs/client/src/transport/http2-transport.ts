import type { TLSSocket } from 'node:tls';
import { Http2Connection, type HealthTimeouts } from './http2-connection.ts';
import { ClientClosedError, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

/** Go's servers allow 250 streams a connection; a process that plays hundreds of nodes needs more than one. */
const MAX_CONNECTIONS = 32;

/** Shares one HTTP/2 connection among all requests, opening another only when the server's stream limit is reached. */
export class Http2Transport implements Transport {
  readonly #url: URL;
  readonly #dial: () => Promise<TLSSocket>;
  readonly #health: HealthTimeouts;
  readonly #connections = new Set<Http2Connection>();
  #dialing: Promise<Http2Connection> | undefined;
  #closed = false;

  /** `first` is an already open socket; `dial` opens further ones. */
  constructor(url: URL, first: TLSSocket, dial: () => Promise<TLSSocket>, health: HealthTimeouts) {
    this.#url = url;
    this.#dial = dial;
    this.#health = health;
    this.#dialing = this.#start(Promise.resolve(first));
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    let connection = this.#pick();
    while (connection === undefined) {
      await this.#connect();
      request.signal?.throwIfAborted();
      // Of many that waited for one connection only as many find room on it as the server allows streams.
      connection = this.#pick();
    }
    return connection.send(request);
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections) connection.destroy();
    this.#connections.clear();
  }

  /** The busiest connection that still has room, so that spare ones fall idle; undefined when one must be opened. */
  #pick(): Http2Connection | undefined {
    let withRoom: Http2Connection | undefined;
    let leastBusy: Http2Connection | undefined;
    for (const connection of this.#connections) {
      if (!connection.usable) {
        this.#connections.delete(connection);
        connection.drain();
        continue;
      }
      if (connection.freeStreams > 0 && connection.openStreams >= (withRoom?.openStreams ?? 0)) withRoom = connection;
      if (connection.openStreams <= (leastBusy?.openStreams ?? Infinity)) leastBusy = connection;
    }
    // At the limit requests wait inside the connection until a stream ends.
    return withRoom ?? (this.#connections.size >= MAX_CONNECTIONS ? leastBusy : undefined);
  }

  /** Requests that come while one connection is being opened all wait for that one. */
  #connect(): Promise<Http2Connection> {
    if (this.#closed) return Promise.reject(new ClientClosedError());
    this.#dialing ??= this.#start(this.#dial());
    return this.#dialing;
  }

  async #start(socket: Promise<TLSSocket>): Promise<Http2Connection> {
    try {
      const connection = await Http2Connection.start(await socket, this.#url, this.#health);
      if (this.#closed) connection.destroy();
      else this.#connections.add(connection);
      return connection;
    } finally {
      this.#dialing = undefined;
    }
  }
}
