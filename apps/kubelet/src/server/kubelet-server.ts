import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { HttpError } from './http-error.ts';
import { ROUTES } from './routes.ts';
import type { ServerServices } from './route.ts';
import { refuseUpgrade, Upgrader } from './upgrade.ts';

export interface KubeletServerOptions extends ServerServices {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer; readonly clientCa?: Buffer };
  /** Also serve requests without a certificate of `clientCa`. Always so without one. */
  readonly anonymousAuth: boolean;
}

/** Paths that anybody may ask, as upstream's load balancers do. */
const OPEN_PATH = /^\/(healthz|livez|readyz)\b/;

/** The HTTPS server that the apiserver calls for logs, exec and the rest; one for all nodes of the process. */
export class KubeletServer {
  readonly #options: KubeletServerOptions;
  readonly #server: Server;
  readonly #upgrader: Upgrader;

  constructor(options: KubeletServerOptions) {
    const { cert, key, clientCa } = options.tls;
    this.#options = options;
    this.#upgrader = new Upgrader(options);
    this.#server = createServer({ cert, key, ...(clientCa ? { ca: clientCa, requestCert: true, rejectUnauthorized: false } : {}) });
    this.#server.on('request', (request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.#authenticated(request)) this.#upgrader.upgrade(request, socket, head);
      else refuseUpgrade(socket, new HttpError(401, 'Unauthorized'));
    });
  }

  /** Resolves with the port it came to listen on. */
  listen(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as { port: number }).port);
      });
    });
  }

  close(): Promise<void> {
    this.#upgrader.close();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #authenticated(request: IncomingMessage): boolean {
    const { tls, anonymousAuth } = this.#options;
    return anonymousAuth || tls.clientCa === undefined || (request.socket as TLSSocket).authorized || OPEN_PATH.test(request.url ?? '');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!this.#authenticated(request)) throw new HttpError(401, 'Unauthorized');
      await this.#route(request, response);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://kubelet');
    const matching = ROUTES.filter(({ path }) => path.test(pathname));
    const route = matching.find(({ method }) => method === request.method);
    if (route) {
      const params = route.path.exec(pathname)!.slice(1).map(decodeURIComponent);
      await route.serve({ params, query, request, response, services: this.#options });
    } else if (matching.length > 0) {
      throw new HttpError(405, '405: Method Not Allowed');
    } else if (/^\/(exec|attach|portForward)\//.test(pathname)) {
      throw new HttpError(400, 'Upgrade request required');
    } else if (!(await this.#options.healthHandler(request, response))) {
      throw new HttpError(404, '404 page not found');
    }
  }

  #fail(response: ServerResponse, error: unknown): void {
    const code = error instanceof HttpError ? error.code : 500;
    if (code === 500) this.#options.logger.error({ err: error }, 'A request to the kubelet failed');
    if (response.headersSent) response.destroy();
    else response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
