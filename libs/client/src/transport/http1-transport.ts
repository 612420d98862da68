import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { TlsOptions } from '../contract.ts';
import { connectionOptions } from './open-connection.ts';
import { TransportError, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

/** For servers without HTTP/2, and for plain `http://`: a pool of kept-alive connections, one request at a time each. */
export class Http1Transport implements Transport {
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(url: URL, tls: TlsOptions = {}) {
    this.#url = url;
    const pool = { keepAlive: true, noDelay: true };
    this.#agent =
      url.protocol === 'https:' ? new HttpsAgent({ ...pool, ...connectionOptions(url, tls) }) : new HttpAgent(pool);
  }

  send({ method, path, headers, body, signal, admit }: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      admit?.();
      const start = this.#url.protocol === 'https:' ? requestHttps : requestHttp;
      const request = start({
        agent: this.#agent,
        host: this.#url.hostname.replace(/^\[|\]$/g, ''),
        port: this.#url.port || undefined,
        method,
        path,
        headers: body === undefined ? headers : { ...headers, 'content-length': String(body.byteLength) },
      });
      let response: IncomingMessage | undefined;
      const abort = () => {
        response?.destroy(signal!.reason as Error);
        request.destroy(signal!.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      request.on('error', (cause) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        // A reset connection tells nothing, not even one that was idle before: the server may have acted and then died.
        const neverConnected =
          request.socket === null || request.socket.connecting || request.socket.bytesWritten === 0;
        reject(new TransportError(cause.message, { mayHaveBeenProcessed: !neverConnected, cause }));
      });
      request.on('close', () => signal?.removeEventListener('abort', abort));
      request.on('response', (incoming) => {
        response = incoming;
        incoming.on('error', () => {}); // whoever reads the body hears of it too
        const { statusCode: status = 0, headers } = incoming;
        resolve({ status, headers, body: incoming, isComplete: () => incoming.complete });
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
