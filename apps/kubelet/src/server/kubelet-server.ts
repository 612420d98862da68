import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Logger } from '@pilothouse/component';
import { HttpError } from './http-error.ts';
import { ROUTES } from './routes.ts';
import type { ServerServices } from './route.ts';
import { refuseUpgrade, Upgrader } from './upgrade.ts';

export interface KubeletServerOptions {
  readonly logger: Logger;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer; readonly clientCa?: Buffer };
  /** Also serve requests without a certificate of `clientCa`. Always so without one. */
  readonly anonymousAuth: boolean;
}

/** Paths that anybody may ask, as upstream's load balancers do. */
const OPEN_PATH = /^\/(healthz|livez|readyz)\b/;

const UNAUTHORIZED = new HttpError(401, 'Unauthorized');
const STARTING = new HttpError(503, 'the kubelet is starting');

/** The HTTPS server that the apiserver calls for logs, exec and the rest; one for all nodes of the process. */
export class KubeletServer {
  readonly #options: KubeletServerOptions;
  readonly #server: Server;
  #services: ServerServices | undefined;
  #upgrader: Upgrader | undefined;

  constructor(options: KubeletServerOptions) {
    const { cert, key, clientCa } = options.tls;
    this.#options = options;
    this.#server = createServer({
      cert,
      key,
      ...(clientCa ? { ca: clientCa, requestCert: true, rejectUnauthorized: false } : {}),
    });
    this.#server.on('request', (request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      if (!this.#authenticated(request)) refuseUpgrade(socket, UNAUTHORIZED);
      else if (!this.#upgrader) refuseUpgrade(socket, STARTING);
      else this.#upgrader.upgrade(request, socket, head);
    });
  }

  /** Resolves with the port it came to listen on. */
  listen(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void =>
        reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} on ${host} is already in use`) : error);
      this.#server.once('error', failed);
      this.#server.listen(port, host, () => {
        this.#server.off('error', failed);
        resolve((this.#server.address() as { port: number }).port);
      });
    });
  }

  /** From now on requests are answered. Listening comes first, because the nodes tell the port when they register. */
  serve(services: ServerServices): void {
    this.#services = services;
    this.#upgrader = new Upgrader(services);
  }

  close(): Promise<void> {
    this.#upgrader?.close();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #authenticated(request: IncomingMessage): boolean {
    const { tls, anonymousAuth } = this.#options;
    return (
      anonymousAuth ||
      tls.clientCa === undefined ||
      (request.socket as TLSSocket).authorized ||
      OPEN_PATH.test(request.url ?? '')
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!this.#authenticated(request)) throw UNAUTHORIZED;
      if (!this.#services) throw STARTING;
      await this.#route(request, response, this.#services);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, services: ServerServices): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://kubelet');
    const matching = ROUTES.filter(({ path }) => path.test(pathname));
    const route = matching.find(({ method }) => method === request.method);
    if (route) {
      const params = route.path.exec(pathname)!.slice(1).map(decodeURIComponent);
      await route.serve({ params, query, request, response, services });
    } else if (matching.length > 0) {
      throw new HttpError(405, '405: Method Not Allowed');
    } else if (/^\/(exec|attach|portForward)\//.test(pathname)) {
      throw new HttpError(400, 'Upgrade request required');
    } else if (!(await services.healthHandler(request, response))) {
      throw new HttpError(404, '404 page not found');
    }
  }

  #fail(response: ServerResponse, error: unknown): void {
    const code = error instanceof HttpError ? error.code : error instanceof URIError ? 400 : 500;
    if (code === 500) this.#options.logger.error({ err: error }, 'A request to the kubelet failed');
    if (response.headersSent) response.destroy();
    else
      response
        .writeHead(code, { 'content-type': 'text/plain; charset=utf-8' })
        .end(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
