import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { makeServerCertificate } from './certificates.ts';

export interface TestRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly stream: ServerHttp2Stream;
  readonly session: ServerHttp2Session;
  /** Answers with a status, headers and a whole body. */
  reply(status: number, body?: string | Buffer, headers?: Record<string, string>): void;
}

/** A real HTTP/2 server over TLS that does with each request what the test says; for the transport's own tests. */
export class Http2TestServer {
  readonly url: string;
  readonly ca: string;
  readonly requests: TestRequest[] = [];
  readonly sessions: ServerHttp2Session[] = [];
  readonly #server: Http2SecureServer;

  private constructor(server: Http2SecureServer, ca: string) {
    this.#server = server;
    this.ca = ca;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(
    handle: (request: TestRequest) => void,
    { maxConcurrentStreams = 1000 }: { maxConcurrentStreams?: number } = {},
  ): Promise<Http2TestServer> {
    const { cert, key } = await makeServerCertificate();
    const server = createSecureServer({ cert, key, settings: { maxConcurrentStreams } });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const test = new Http2TestServer(server, cert);
    server.on('session', (session) => {
      test.sessions.push(session);
      session.on('error', () => {});
    });
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const request: TestRequest = {
          method: headers[':method']!,
          path: headers[':path']!,
          headers,
          body: Buffer.concat(chunks),
          stream,
          session: stream.session as ServerHttp2Session,
          reply: (status, body = '', more = {}) => {
            if (stream.destroyed) return;
            stream.respond({ ':status': status, 'content-type': 'application/json', ...more });
            stream.end(body);
          },
        };
        test.requests.push(request);
        handle(request);
      });
    });
    return test;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
