import type { TlsOptions } from '../contract.ts';
import { Http1Transport } from './http1-transport.ts';
import { HEALTH_TIMEOUTS, type HealthTimeouts } from './http2-connection.ts';
import { Http2Transport } from './http2-transport.ts';
import { openConnection } from './open-connection.ts';
import { ClientClosedError, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

/** The transport for a server: what its URL and, over TLS, its first handshake call for. */
export function createTransport(url: URL, tls?: TlsOptions, health: HealthTimeouts = HEALTH_TIMEOUTS): Transport {
  return url.protocol === 'https:' ? new NegotiatedTransport(url, tls, health) : new Http1Transport(url);
}

/** Finds out on first use whether the server speaks HTTP/2, and stays with the answer. */
class NegotiatedTransport implements Transport {
  readonly #url: URL;
  readonly #tls: TlsOptions | undefined;
  readonly #health: HealthTimeouts;
  #negotiating: Promise<Transport> | undefined;
  #transport: Transport | undefined;
  #closed = false;

  constructor(url: URL, tls: TlsOptions | undefined, health: HealthTimeouts) {
    this.#url = url;
    this.#tls = tls;
    this.#health = health;
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const transport = this.#transport ?? (await this.#negotiate());
    return transport.send(request);
  }

  close(): void {
    this.#closed = true;
    this.#transport?.close();
  }

  #negotiate(): Promise<Transport> {
    if (this.#closed) return Promise.reject(new ClientClosedError());
    this.#negotiating ??= this.#open().finally(() => (this.#negotiating = undefined));
    return this.#negotiating;
  }

  async #open(): Promise<Transport> {
    const dial = () => openConnection(this.#url, this.#tls);
    const socket = await dial();
    const transport =
      socket.alpnProtocol === 'h2' ? new Http2Transport(this.#url, socket, dial, this.#health) : this.#fallBack(socket);
    this.#transport = transport;
    if (this.#closed) transport.close();
    return transport;
  }

  #fallBack(socket: { destroy(): void }): Transport {
    socket.destroy();
    return new Http1Transport(this.#url, this.#tls);
  }
}
