import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@pilothouse/component';
import { authenticate } from './authenticate.ts';
import { subresourcesFor } from './authorizer.ts';
import type { Authorize } from './authorizer.ts';
import { HttpError } from './http-error.ts';
import { ROUTES } from './routes.ts';
import type { ServerServices } from './route.ts';
import { servedNode } from './served-node.ts';
import { refuseUpgrade, Upgrader } from './upgrade.ts';

export interface KubeletServerOptions {
  readonly logger: Logger;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer; readonly clientCa?: Buffer };
  /** Also take requests without a certificate of `clientCa`. */
  readonly anonymousAuth: boolean;
  readonly authorize: Authorize;
}

/** Paths that anybody may ask, as upstream's load balancers do. */
const OPEN_PATH = /^\/(healthz|livez|readyz)\b/;

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
    this.#server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
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

  /** Who asks, and may they? Throws what to answer where they may not. */
  async #admit(request: IncomingMessage): Promise<ServerServices> {
    const { anonymousAuth, authorize } = this.#options;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kubelet');
    const services = this.#services;
    if (!services) throw new HttpError(503, 'the kubelet is starting');
    if (OPEN_PATH.test(pathname)) return services;
    const user = authenticate(request, anonymousAuth);
    if (!user) throw new HttpError(401, 'Unauthorized');
    const method = request.method ?? 'GET';
    const nodeName =
      nodeOf(pathname, services) ??
      servedNode(request, searchParams, services) ??
      services.fleet.list()[0]?.nodeName ??
      '';
    if (await authorize(user, { method, path: pathname, nodeName })) return services;
    const subresources = subresourcesFor(pathname).join(' ');
    throw new HttpError(
      403,
      `Forbidden (user=${user.name}, verb=${method.toLowerCase()}, resource=nodes, subresource(s)=[${subresources}])`,
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response, await this.#admit(request));
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    try {
      await this.#admit(request);
      await this.#upgrader?.upgrade(request, socket, head);
    } catch (error) {
      refuseUpgrade(socket, error);
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

/** The node of the pod that a path names. */
function nodeOf(path: string, { podManager }: ServerServices): string | undefined {
  const [, namespace, pod] = /^\/(?:containerLogs|exec|attach|portForward)\/([^/]+)\/([^/]+)/.exec(path) ?? [];
  return namespace === undefined || pod === undefined ? undefined : podManager.find(namespace, pod)?.host.nodeName;
}
