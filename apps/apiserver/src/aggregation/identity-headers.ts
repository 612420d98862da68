import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { UserInfo } from '../authentication/user-info.ts';

/** Tells an extension server who asks; it believes them because our client certificate is the front proxy's. */
export function identityHeaders({ name, uid, groups, extra }: UserInfo): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = { 'x-remote-user': name, 'x-remote-group': [...groups] };
  if (uid) headers['x-remote-uid'] = uid;
  for (const [key, values] of Object.entries(extra ?? {})) {
    headers[`x-remote-extra-${encodeURIComponent(key.toLowerCase())}`] = [...values];
  }
  return headers;
}

/** In place: what a client says of itself in these headers must not reach a server that believes us. */
export function removeIdentityHeaders(headers: IncomingHttpHeaders): void {
  for (const name of Object.keys(headers)) if (name.startsWith('x-remote-')) delete headers[name];
}
