import type { IncomingMessage } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { acceptWebSocket } from '../http/accept-web-socket.ts';
import type { ApiRequest, Upgrade } from '../request.ts';

/** How the bytes are carried; without a subprotocol as they are. */
const BASE64 = 'base64.binary.k8s.io';
const PROTOCOLS = ['', 'binary.k8s.io', BASE64];

const WEB_SOCKETS = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  handleProtocols: (offered) => [...offered].find((protocol) => PROTOCOLS.includes(protocol)) ?? false,
});

/**
 * An answer of the backend as messages of a WebSocket, which is how browsers follow logs.
 * Upstream: NewReader of k8s.io/apiserver/pkg/util/wsstream.
 */
export async function answerOverWebSocket(
  request: ApiRequest,
  upgrade: Upgrade,
  incoming: IncomingMessage,
): Promise<void> {
  const socket = await acceptWebSocket(WEB_SOCKETS, request, upgrade);
  if (socket) await passOn(incoming, socket);
  else incoming.destroy();
}

async function passOn(incoming: IncomingMessage, socket: WebSocket): Promise<void> {
  const isText = socket.protocol === BASE64;
  socket.on('error', () => socket.terminate());
  socket.on('close', () => incoming.destroy());
  // Nothing that a client sends here means anything.
  socket.on('message', () => {});
  try {
    // One message after the other: a reader that does not read stops the log, not this process.
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      const data = isText ? chunk.toString('base64') : chunk;
      await new Promise<void>((resolve) => socket.send(data, { binary: !isText }, () => resolve()));
    }
    socket.close(1000);
  } catch {
    socket.terminate();
  }
}
