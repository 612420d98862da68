import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { frameMessage } from '../wire/grpc-frame.ts';

export type GrpcAnswer = (stream: ServerHttp2Stream, session: ServerHttp2Session) => void;

/** A gRPC server over plain HTTP/2 whose every answer is the test's, down to the frames. */
export class GrpcTestServer {
  answer: GrpcAnswer;
  /** Paths asked for, in order. */
  readonly asked: string[] = [];
  connections = 0;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor(answer: GrpcAnswer) {
    this.answer = answer;
    this.#server = createServer();
    this.#server.on('session', (session) => {
      this.connections++;
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {});
    });
    this.#server.on('stream', (stream, headers) => {
      this.asked.push(headers[':path']!);
      stream.on('error', () => {});
      stream.resume();
      this.answer(stream, stream.session as ServerHttp2Session);
    });
  }

  static async start(answer: GrpcAnswer): Promise<GrpcTestServer> {
    const server = new GrpcTestServer(answer);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A whole answer: these bytes in these pieces, then the trailers. */
export function respond(
  stream: ServerHttp2Stream,
  pieces: readonly Buffer[],
  trailers: Record<string, string> = { 'grpc-status': '0' },
): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  for (const piece of pieces) stream.write(piece);
  stream.end();
}

export function respondWith(message: Buffer): GrpcAnswer {
  return (stream) => respond(stream, [frameMessage(message)]);
}
