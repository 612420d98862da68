import type { WebSocket, WebSocketServer } from 'ws';
import type { ApiRequest, Upgrade } from '../request.ts';

/** The upgrade that the client asks for, when it is one to a WebSocket. */
export function webSocketOf(request: ApiRequest): Upgrade | undefined {
  return String(request.headers['upgrade']).toLowerCase() === 'websocket' ? request.upgrade : undefined;
}

/** The open socket; undefined when the handshake was wrong, which is answered 400 with the connection closed. */
export function acceptWebSocket(
  server: WebSocketServer,
  request: ApiRequest,
  upgrade: Upgrade,
): Promise<WebSocket | undefined> {
  return new Promise((resolve) => {
    request.response.statusCode = 101;
    const socket = upgrade.hijack();
    socket.once('close', () => {
      request.abort.abort();
      resolve(undefined);
    });
    server.handleUpgrade(request.http, socket, upgrade.head, resolve);
  });
}
