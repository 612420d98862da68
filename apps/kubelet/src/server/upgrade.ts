import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { HttpError } from './http-error.ts';
import type { ServerServices } from './route.ts';
import { parseStreamRequest } from './streaming/stream-request.ts';
import { CHANNEL_PROTOCOLS, WebSocketStreams } from './streaming/websocket-streams.ts';

/** Exec and attach: requests that turn their connection into streams. */
export class Upgrader {
  readonly #services: ServerServices;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => CHANNEL_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  constructor(services: ServerServices) {
    this.#services = services;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    try {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kubelet');
      const stream = parseStreamRequest(pathname, searchParams, this.#services);
      if (!stream) throw new HttpError(404, '404 page not found');
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') throw new HttpError(400, `unable to upgrade: protocol ${request.headers.upgrade} is not spoken here`);
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => stream.start(new WebSocketStreams(webSocket)));
    } catch (error) {
      refuseUpgrade(socket, error);
    }
  }

  close(): void {
    for (const client of this.#webSockets.clients) client.terminate();
    this.#webSockets.close();
  }
}

/** The connection is still plain HTTP, but there is no response object to answer with. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const code = error instanceof HttpError ? error.code : 500;
  const body = `${error instanceof Error ? error.message : String(error)}\n`;
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
