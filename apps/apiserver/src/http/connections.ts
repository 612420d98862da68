import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

const KEEP_ALIVE_MS = 30_000;

/** Knows every open connection, so that a shutdown can end them politely and then, when time is up, for certain. */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #onEnded: (() => void) | undefined;

  constructor(server: Http2SecureServer) {
    server.on('connection', (socket: Socket) => this.#track(socket));
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => {
        this.#sessions.delete(session);
        if (this.#sessions.size === 0) this.#onEnded?.();
      });
      // A broken client is the client's problem; without a listener it would be the process's.
      session.on('error', () => session.destroy());
    });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    // A peer that is gone without a word is noticed, even when we only wait for it.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }

  get open(): number {
    return this.#sockets.size;
  }

  /** GOAWAY on HTTP/2: streams under way finish, new ones go elsewhere. */
  closePolitely(): void {
    for (const session of this.#sessions) session.close();
  }

  /** Resolves when the last HTTP/2 session has ended. */
  async sessionsEnded(): Promise<void> {
    if (this.#sessions.size === 0) return;
    await new Promise<void>((resolve) => (this.#onEnded = resolve));
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}
