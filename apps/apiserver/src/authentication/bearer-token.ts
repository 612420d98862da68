import { unauthorized } from '@pilothouse/apimachinery';
import type { ApiRequest } from '../request.ts';
import type { Authenticator } from './authenticator.ts';
import type { UserInfo } from './user-info.ts';

/** Knows some tokens. */
export interface TokenAuthenticator {
  /** Undefined for a token that is none of its own. Audiences are those of this server unless given. */
  authenticateToken(token: string, audiences?: readonly string[]): Promise<UserInfo | undefined>;
}

/** `Authorization: Bearer …`. A token that nobody knows is 401, not anonymous. */
export function bearerToken(authenticators: readonly TokenAuthenticator[]): Authenticator {
  return {
    async authenticate(request) {
      const token = tokenOf(request);
      if (token === undefined) return undefined;
      for (const authenticator of authenticators) {
        const user = await authenticator.authenticateToken(token);
        if (user !== undefined) return user;
      }
      throw unauthorized();
    },
  };
}

const WEBSOCKET_TOKEN_PREFIX = 'base64url.bearer.authorization.k8s.io.';

/** From the header, or from a WebSocket subprotocol: browsers cannot set headers on those. */
export function tokenOf(request: Pick<ApiRequest, 'headers'>): string | undefined {
  const [scheme, token] = (request.headers.authorization ?? '').trim().split(/\s+/);
  if (scheme?.toLowerCase() === 'bearer' && token) return token;
  const protocols = request.headers['sec-websocket-protocol'];
  const carrier = protocols
    ?.split(',')
    .map((each) => each.trim())
    .find((each) => each.startsWith(WEBSOCKET_TOKEN_PREFIX));
  return carrier && Buffer.from(carrier.slice(WEBSOCKET_TOKEN_PREFIX.length), 'base64url').toString();
}
