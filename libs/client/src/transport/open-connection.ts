import { connect as connectTls, type TLSSocket } from 'node:tls';
import { isIP } from 'node:net';
import type { TlsOptions } from '../contract.ts';
import { TransportError } from './transport.ts';

/** As client-go: 30 s for the connection, of which our handshake is part. */
const DIAL_TIMEOUT_MS = 30_000;

/** Opens a TLS connection, offering HTTP/2 first; `socket.alpnProtocol` says what the server took. */
export function openConnection(url: URL, tls: TlsOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ ...connectionOptions(url, tls), ALPNProtocols: ['h2', 'http/1.1'] });
    socket.setNoDelay(true);
    const fail = (cause: Error) => {
      socket.destroy();
      const message = `dial ${url.host}: ${cause.message}`;
      reject(new TransportError(message, { mayHaveBeenProcessed: false, cause }));
    };
    const timer = setTimeout(() => fail(new Error('i/o timeout')), DIAL_TIMEOUT_MS);
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('connection closed during the handshake')));
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      socket.removeAllListeners('close');
      resolve(socket);
    });
    socket.once('close', () => clearTimeout(timer));
  });
}

/** What node:tls and node:https both take. */
export function connectionOptions(url: URL, tls: TlsOptions) {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const name = tls.serverName ?? host;
  return {
    host,
    port: Number(url.port || 443),
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    rejectUnauthorized: !tls.insecureSkipVerify,
    // SNI carries names only; the certificate is checked against `host` where no name is set.
    ...(isIP(name) ? {} : { servername: name }),
  };
}
