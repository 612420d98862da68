import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { HttpHandler } from '../runtime/simulated-http.ts';
import { findPod } from './find-container.ts';
import { HttpError } from './http-error.ts';
import type { ServerServices } from './route.ts';
import { PORT_FORWARD_PROTOCOL, runPortForward } from './streaming/port-forward.ts';
import { REMOTE_COMMAND_PROTOCOLS, SpdyStreams } from './streaming/spdy-streams.ts';
import { SpdyConnection } from './streaming/spdy/spdy-connection.ts';
import { parseStreamRequest } from './streaming/stream-request.ts';
import type { StreamRequest } from './streaming/stream-request.ts';
import { PORT_CHANNEL_PROTOCOLS, requestedPorts, runWebSocketPortForward } from './streaming/websocket-port-forward.ts';
import { CHANNEL_PROTOCOLS, WebSocketStreams } from './streaming/websocket-streams.ts';

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const PORT_FORWARD = /^\/portForward\/([^/]+)\/([^/]+)(?:\/[^/]+)?$/;
/** kubectl's port-forward carries SPDY inside a WebSocket. KEP-4006. */
const TUNNEL_PROTOCOL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;

/**
 * kubectl reads from its WebSocket before it has made the streams that the messages are for, and discards what comes in
 * between ("Unknown stream id 1, discarding message"). A real container takes longer than this to start a process.
 */
const CLIENT_READY_MS = 20;

/** Exec, attach and port-forward: requests that turn their connection into streams, over SPDY or a WebSocket. */
export class Upgrader {
  readonly #services: ServerServices;
  readonly #sockets = new Set<Duplex>();
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => CHANNEL_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  readonly #portChannels = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => PORT_CHANNEL_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  constructor(services: ServerServices) {
    this.#services = services;
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const upgrade = { request, socket, head };
    try {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kubelet');
      const stream = parseStreamRequest(pathname, searchParams, this.#services);
      if (stream) {
        await stream.prepare();
        return this.#remoteCommand(stream, upgrade);
      }
      const [, namespace, pod] = PORT_FORWARD.exec(pathname) ?? [];
      if (namespace === undefined || pod === undefined) throw new HttpError(404, '404 page not found');
      this.#portForward(decodeURIComponent(namespace), decodeURIComponent(pod), searchParams, upgrade);
    } catch (error) {
      refuseUpgrade(socket, error);
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#webSockets.close();
    this.#portChannels.close();
  }

  #remoteCommand(stream: StreamRequest, { request, socket, head }: Upgrade): void {
    if (isWebSocket(request)) {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.pause();
        this.#services.clock.after(CLIENT_READY_MS, () => {
          webSocket.resume();
          stream.start(new WebSocketStreams(webSocket, stream));
        });
      });
      return;
    }
    const protocol = acceptSpdy(request, socket, REMOTE_COMMAND_PROTOCOLS);
    new SpdyStreams(new SpdyConnection(socket, head), protocol, stream, (streams) => stream.start(streams));
  }

  #portForward(namespace: string, name: string, query: URLSearchParams, { request, socket, head }: Upgrade): void {
    const { pod, uid } = findPod(this.#services, namespace, name);
    const listener = (port: number): HttpHandler | undefined => this.#services.runtime.listener(uid, port);
    if (!isWebSocket(request)) {
      acceptSpdy(request, socket, [PORT_FORWARD_PROTOCOL]);
      runPortForward(pod, new SpdyConnection(socket, head), listener);
      return;
    }
    if (!request.headers['sec-websocket-protocol']?.includes(TUNNEL_PROTOCOL)) {
      const ports = requestedPorts(query);
      this.#portChannels.handleUpgrade(request, socket, head, (webSocket) =>
        runWebSocketPortForward(pod, ports, listener, webSocket),
      );
      return;
    }
    // ws takes the name for malformed because of its slash, so it is negotiated past the library.
    delete request.headers['sec-websocket-protocol'];
    this.#webSockets.once('headers', (headers: string[]) => headers.push(`Sec-WebSocket-Protocol: ${TUNNEL_PROTOCOL}`));
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      runPortForward(pod, new SpdyConnection(createWebSocketStream(webSocket)), listener),
    );
  }
}

function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Answers the upgrade with the protocol version that both sides speak, the server's preferred first. */
function acceptSpdy(request: IncomingMessage, socket: Duplex, supported: readonly string[]): string {
  if (request.headers.upgrade?.toLowerCase() !== 'spdy/3.1')
    throw new HttpError(400, `unable to upgrade: unknown protocol "${request.headers.upgrade}"`);
  const offered = String(request.headers['x-stream-protocol-version'] ?? '')
    .split(/, */)
    .filter(Boolean);
  const protocol = offered.length === 0 ? supported.at(-1)! : supported.find((each) => offered.includes(each));
  if (protocol === undefined) {
    throw new HttpError(
      403,
      `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${supported.join(' ')}]`,
    );
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  return protocol;
}

/** The connection is still plain HTTP, but there is no response object to answer with. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const code = error instanceof HttpError ? error.code : error instanceof URIError ? 400 : 500;
  const body = `${error instanceof Error ? error.message : String(error)}\n`;
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
