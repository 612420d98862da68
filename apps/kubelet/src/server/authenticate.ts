import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Who asks: the subject of a client certificate that the TLS layer has verified, else nobody in particular, where that
 * is allowed. Undefined means 401.
 */
export function authenticate(request: IncomingMessage, anonymousAuth: boolean): User | undefined {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return anonymousAuth ? ANONYMOUS : undefined;
  const { CN, O } = socket.getPeerCertificate().subject as { CN?: string; O?: string | string[] };
  const groups = O === undefined ? [] : Array.isArray(O) ? O : [O];
  return { name: CN ?? '', groups: [...groups, 'system:authenticated'] };
}
