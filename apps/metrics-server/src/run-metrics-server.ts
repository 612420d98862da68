import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { clientFromKubeconfig } from '@pilothouse/client';
import { Backoff, type ComponentContext, retry } from '@pilothouse/component';
import type { FLAGS } from './flags.ts';
import { MetricsApi, statusOf } from './metrics-api.ts';
import { register } from './register.ts';
import { Scraper } from './scraper.ts';

type Component = ComponentContext<typeof FLAGS>;

/** Serves, and registers itself when it is told to. */
export async function runMetricsServer(component: Component): Promise<void> {
  const { options, clock, logger, tracer, metrics } = component;
  const client = await clientFromKubeconfig(options.kubeconfig, {
    userAgent: 'metrics-server',
    clock,
    tracer,
    metrics,
  });
  component.onShutdown('client', () => client.close());
  const scraper = new Scraper({ client, clock, logger, resolutionMs: options.metricResolution });
  const server = serve(component, new MetricsApi(client, scraper));
  server.listen(options.securePort, options.bindAddress);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  logger.info({ port }, 'Serving metrics');
  component.onShutdown('server', () => {
    server.close();
    server.closeAllConnections();
  });
  if (options.registerExternalName === '') return;
  const ca = readFileSync(options.registerCaFile, 'utf8');
  retry(() => register(client, options.registerExternalName, port, ca), {
    backoff: new Backoff({ baseMs: 100, capMs: 5_000 }),
    clock,
    signal: component.signal,
    onRetry: (error) => logger.debug({ err: error }, 'Could not register the metrics API, trying again'),
  }).catch((error: unknown) => {
    if (!component.signal.aborted) component.fail(error);
  });
}

function serve({ options, healthHandler, logger }: Component, api: MetricsApi): Server {
  const { tlsCertFile, tlsPrivateKeyFile, requestheaderClientCaFile } = options;
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    if (/^\/(healthz|livez|readyz)\b/.test(url.pathname)) return void (await healthHandler(request, response));
    // The apiserver has authorized the user before it passes the request on; nobody else may ask.
    if (!(request.socket as TLSSocket).authorized) return send(response, 401, UNAUTHORIZED);
    if (request.method !== 'GET') return send(response, 405, METHOD_NOT_ALLOWED);
    try {
      const found = await api.answer(url);
      if (found) send(response, 200, found);
      else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    } catch (error) {
      const { code, body } = statusOf(error);
      if (code >= 500) logger.warn({ err: error, path: url.pathname }, 'Could not answer');
      send(response, code, body);
    }
  };
  return createServer(
    {
      cert: readFileSync(tlsCertFile),
      key: readFileSync(tlsPrivateKeyFile),
      ca: readFileSync(requestheaderClientCaFile),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => void listener(request, response),
  );
}

const failure = (code: number, reason: string, message: string) =>
  ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message }) as const;
const UNAUTHORIZED = failure(401, 'Unauthorized', 'Unauthorized');
const METHOD_NOT_ALLOWED = failure(
  405,
  'MethodNotAllowed',
  'the server does not allow this method on the requested resource',
);

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
