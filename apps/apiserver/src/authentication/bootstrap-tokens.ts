import { createHash, timingSafeEqual } from 'node:crypto';
import { unauthorized } from '@pilothouse/apimachinery';
import type { Secret } from '@pilothouse/api';
import type { Resources } from '../registry/resources.ts';
import type { TokenAuthenticator } from './bearer-token.ts';
import type { UserInfo } from './user-info.ts';

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const NAMESPACE = 'kube-system';
const GROUP = 'system:bootstrappers';
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/**
 * `--enable-bootstrap-token-auth`: tokens that stand in Secrets of kube-system, for nodes that are about to join.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
export function bootstrapTokens(resources: Resources, now: () => Date): TokenAuthenticator {
  return {
    async authenticateToken(token) {
      const [, id, secret] = TOKEN.exec(token) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const key = { namespace: NAMESPACE, name: `bootstrap-token-${id}` };
      const found = (await resources.get('', 'secrets').registry.peek(key))?.object as Secret | undefined;
      return found && userOf(found, id, secret, now());
    },
  };
}

/** Undefined for what is no bootstrap token; throws 401 for one that does not hold. */
export function userOf(object: Secret, id: string, secret: string, now: Date): UserInfo | undefined {
  if (object.metadata?.deletionTimestamp || object.type !== 'bootstrap.kubernetes.io/token') return undefined;
  const field = (name: string): string => Buffer.from(object.data?.[name] ?? '', 'base64').toString();
  if (!equal(field('token-secret'), secret) || field('token-id') !== id) return undefined;
  const expiration = field('expiration');
  // What cannot be read counts as over.
  if (expiration !== '' && !(Date.parse(expiration) > now.getTime())) throw unauthorized();
  if (field('usage-bootstrap-authentication') !== 'true') throw unauthorized();
  const extra = field('auth-extra-groups')
    .split(',')
    .filter((group) => group !== '');
  if (extra.some((group) => !EXTRA_GROUP.test(group))) throw unauthorized();
  return { name: `system:bootstrap:${id}`, groups: [GROUP, ...new Set(extra)] };
}

/** Compared by hash, so that how long it takes says nothing. */
function equal(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
