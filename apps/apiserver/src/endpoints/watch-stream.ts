import { WebSocketServer, type WebSocket } from 'ws';
import { acceptWebSocket, webSocketOf } from '../http/accept-web-socket.ts';
import { commonHeaders, drained, STALL_MS, startStream } from '../http/respond.ts';
import type { ApiRequest } from '../request.ts';

/** Where the frames of a watch go, in order. */
export interface WatchStream {
  readonly closed: boolean;
  /** Resolves once there is room for more. */
  write(frames: readonly Buffer[]): Promise<void>;
  end(): void;
}

/** Beyond this the next event waits until the client has read. */
const MAX_BUFFERED_BYTES = 1 << 20;

const WEB_SOCKETS = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false });

/**
 * As one endless answer, or as messages of a WebSocket when the client asks for one, as browsers and fabric8 do; undefined
 * when its handshake failed.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function openWatchStream(
  request: ApiRequest,
  contentType: string,
  isText: boolean,
): Promise<WatchStream | undefined> {
  const upgrade = webSocketOf(request);
  if (upgrade) {
    const socket = await acceptWebSocket(WEB_SOCKETS, request, upgrade);
    request.onResponseStarted?.();
    return socket && webSocketStream(socket, isText);
  }
  startStream(request, 200, { ...commonHeaders(request), 'content-type': contentType });
  return httpStream(request);
}

function httpStream(request: ApiRequest): WatchStream {
  const { response } = request;
  return {
    get closed() {
      return response.destroyed;
    },
    // One write per batch: what piles up while the client reads goes out together.
    async write(frames) {
      if (!response.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames))) await drained(request);
    },
    end: () => void response.end(),
  };
}

/** One message for each event: text, or binary when the events are in Protobuf. */
function webSocketStream(socket: WebSocket, isText: boolean): WatchStream {
  socket.on('error', () => socket.terminate());
  // Nothing that a client sends here means anything.
  socket.on('message', () => {});
  return {
    get closed() {
      return socket.readyState !== socket.OPEN;
    },
    async write(frames) {
      let sent = Promise.resolve();
      for (const frame of frames)
        sent = new Promise((resolve) => socket.send(frame, { binary: !isText }, () => resolve()));
      if (socket.bufferedAmount <= MAX_BUFFERED_BYTES) return;
      const stalled = setTimeout(() => socket.terminate(), STALL_MS);
      await sent;
      clearTimeout(stalled);
    },
    end: () => socket.close(1000),
  };
}
