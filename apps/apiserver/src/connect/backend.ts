import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import type { Duplex } from 'node:stream';
import { callbackify } from 'node:util';
import type { Location, Tunnel } from './kubelet-location.ts';
import { PortForwardConnection } from './port-forward-connection.ts';

/** How to trust who answers, and how to be trusted. */
export interface BackendTls {
  /** PEM texts of the client certificate. */
  readonly cert?: string;
  readonly key?: string;
  /** Authority of the server's certificate, which is not checked without it or `checked`. */
  readonly ca?: string;
  /** Without an authority of its own, the certificate must be from one that the system trusts. */
  readonly checked?: boolean;
  /** The name that the certificate must have; any without it. */
  readonly serverName?: string;
}

/** Opens requests and raw connections to kubelets, to what runs in pods and to extension servers. */
export class Backend {
  readonly #tls: tls.ConnectionOptions;
  readonly #agent: https.Agent;

  constructor({ cert, key, ca, checked, serverName }: BackendTls) {
    this.#tls = {
      ...(cert && key ? { cert, key } : {}),
      // As Go does, a certificate is trusted that is itself in the bundle, whoever signed it.
      ...(ca ? { ca, allowPartialTrustChain: true } : { rejectUnauthorized: checked === true }),
      // A node is reached by an address; its certificate may name it otherwise, as upstream allows.
      ...(serverName ? { servername: serverName } : { checkServerIdentity: () => undefined }),
    };
    this.#agent = new https.Agent({ keepAlive: true, ...this.#tls });
  }

  request(location: Location, path: string, method: string, headers: OutgoingHttpHeaders, signal: AbortSignal) {
    const options = { host: location.host, port: location.port, path, method, headers, signal };
    if (location.tunnel) return http.request({ ...options, createConnection: this.#forward(location.tunnel) });
    return location.scheme === 'https' ? https.request({ ...options, agent: this.#agent }) : http.request(options);
  }

  connect({ scheme, host, port, tunnel }: Location): Promise<Duplex> {
    if (tunnel) return PortForwardConnection.open(tunnel, this.#tls);
    return new Promise((resolve, reject) => {
      const socket = scheme === 'https' ? tls.connect({ host, port, ...this.#tls }) : net.connect({ host, port });
      socket.once('error', reject);
      socket.once(scheme === 'https' ? 'secureConnect' : 'connect', () => {
        socket.off('error', reject);
        resolve(socket);
      });
    });
  }

  #forward(tunnel: Tunnel): http.ClientRequestArgs['createConnection'] {
    const open = callbackify((): Promise<Duplex> => PortForwardConnection.open(tunnel, this.#tls));
    return (_, done) => {
      open(done);
      return undefined;
    };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Headers that belong to one connection and not to the request. RFC 9110, 7.6.1. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers as they may be passed on; HTTP/2's own (`:path` …) stay behind. */
export function endToEndHeaders(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !name.startsWith(':') && name !== 'host'),
  );
}
