import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { HealthHandler } from './health-handler.ts';

export interface HealthServerOptions {
  readonly handler: HealthHandler;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** HTTPS when given; HTTP otherwise. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | 'self-signed';
  /** With it, everything but the health checks wants a client certificate from this authority. */
  readonly clientCaFile?: string;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

const OPEN_PATH = /^\/(healthz|livez|readyz)\b/;

/** The small server of the components that have no other. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { handler, clientCaFile } = options;
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const trusted = !clientCaFile || (request.socket as TLSSocket).authorized;
    if (!trusted && !OPEN_PATH.test(request.url ?? '')) {
      response.writeHead(401, { 'content-type': 'text/plain; charset=utf-8' }).end('Unauthorized\n');
      return;
    }
    try {
      if (!(await handler(request, response))) {
        response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      }
    } catch (error) {
      if (!response.headersSent) response.statusCode = 500;
      response.end(`internal server error: ${String(error)}\n`);
    }
  };
  const server = await makeServer(options, (request, response) => void listener(request, response));
  await listen(server, options.port, options.host);
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function makeServer(
  { tls, clientCaFile }: HealthServerOptions,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  if (!tls) return createServer(listener);
  const pair =
    tls === 'self-signed' ? await selfSigned() : { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
  const clients = clientCaFile ? { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: false } : {};
  return createTlsServer({ ...pair, ...clients }, listener);
}

/** Upstream does the same when no certificate is given. The library is loaded only then. */
async function selfSigned(): Promise<{ cert: string; key: string }> {
  const { selfSignedServerCert } = await import('@pilothouse/pki');
  const { certPem, keyPem } = await selfSignedServerCert(['localhost', '127.0.0.1', '::1']);
  return { cert: certPem, key: keyPem };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`port ${port} on ${host} is already in use`) : error);
    });
    server.listen(port, host, resolve);
  });
}
