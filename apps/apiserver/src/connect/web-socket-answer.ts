import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { serviceUnavailable } from '@pilothouse/apimachinery';
import { WebSocketServer, type WebSocket } from 'ws';
import { commonHeaders, startStream } from '../http/respond.ts';
import type { ApiRequest, Upgrade } from '../request.ts';
import { endToEndHeaders, type Backend } from './backend.ts';
import type { Location } from './kubelet-location.ts';
import { describeTransportError, joinHostPort } from './transport-error.ts';

/** How the bytes are carried; without a subprotocol as they are. */
const BASE64 = 'base64.binary.k8s.io';
const PROTOCOLS = ['', 'binary.k8s.io', BASE64];

const WEB_SOCKETS = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  handleProtocols: (offered) => [...offered].find((protocol) => PROTOCOLS.includes(protocol)) ?? false,
});

export function wantsWebSocket(request: ApiRequest): boolean {
  return request.upgrade !== undefined && String(request.headers['upgrade']).toLowerCase() === 'websocket';
}

/**
 * A plain answer of the backend as messages of a WebSocket, which is how browsers follow logs. What the backend refuses is
 * refused before the handshake. Upstream: NewReader of k8s.io/apiserver/pkg/util/wsstream.
 */
export async function answerOverWebSocket(
  request: ApiRequest,
  upgrade: Upgrade,
  backend: Backend,
  location: Location,
  path: string,
): Promise<void> {
  const outgoing = backend.request(location, path, 'GET', plainHeaders(request), request.abort.signal).end();
  const [incoming] = (await once(outgoing, 'response').catch((error: Error) => {
    const why = describeTransportError(error, joinHostPort(location.host, location.port));
    throw serviceUnavailable(`error trying to reach service: ${why}`);
  })) as [IncomingMessage];
  if (incoming.statusCode !== 200) {
    startStream(request, incoming.statusCode ?? 502, {
      ...commonHeaders(request),
      ...endToEndHeaders(incoming.headers),
    });
    incoming.pipe(request.response);
    return;
  }
  const socket = await accept(request, upgrade);
  if (socket) await passOn(incoming, socket);
  else incoming.destroy();
}

function plainHeaders({ headers }: ApiRequest): ReturnType<typeof endToEndHeaders> {
  const plain = Object.entries(endToEndHeaders(headers)).filter(([name]) => !name.startsWith('sec-websocket-'));
  return Object.fromEntries(plain);
}

function accept(request: ApiRequest, upgrade: Upgrade): Promise<WebSocket | undefined> {
  return new Promise((resolve) => {
    request.response.statusCode = 101;
    const socket = upgrade.hijack();
    socket.once('close', () => {
      request.abort.abort();
      resolve(undefined);
    });
    WEB_SOCKETS.handleUpgrade(request.http, socket, upgrade.head, resolve);
  });
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
