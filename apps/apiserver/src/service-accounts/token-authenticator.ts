import { createPublicKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { unauthorized } from '@pilothouse/apimachinery';
import type { TokenAuthenticator } from '../authentication/bearer-token.ts';
import { serviceAccountUser, type UserInfo } from '../authentication/user-info.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import type { Resources } from '../registry/resources.ts';
import { isServiceAccountClaims, type BoundReference, type ServiceAccountClaims } from './claims.ts';
import { algorithmOf, keyId } from './token-signer.ts';

export interface ServiceAccountTokenOptions {
  readonly resources: Resources;
  readonly publicKeyPems: readonly string[];
  /** The first is ours; tokens of the others are still accepted. */
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  /** Whether the account, and what the token is bound to, must still exist. */
  readonly lookup: boolean;
  readonly now: () => Date;
}

const CACHED_TOKENS = 4096;

/** Tokens that this cluster has signed for service accounts. Verified once, looked up every time. */
export class ServiceAccountTokens implements TokenAuthenticator {
  readonly #options: ServiceAccountTokenOptions;
  readonly #keys;
  readonly #verified = new LRUCache<string, ServiceAccountClaims>({ max: CACHED_TOKENS });

  constructor(options: ServiceAccountTokenOptions) {
    this.#options = options;
    this.#keys = options.publicKeyPems.map((pem) => {
      const key = createPublicKey(pem);
      return { key, id: keyId(key), algorithm: algorithmOf(key) };
    });
  }

  async authenticateToken(token: string, audiences = this.#options.audiences): Promise<UserInfo | undefined> {
    if (!this.#isOurs(token)) return undefined;
    const claims = await this.verify(token, audiences);
    const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
    return serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid, {
      ...(claims.jti ? { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] } : {}),
      ...extraOf('pod', pod),
      ...extraOf('node', node),
    });
  }

  /** Throws 401 unless the token is valid now, for one of the audiences, and what it speaks for exists. */
  async verify(token: string, audiences: readonly string[]): Promise<ServiceAccountClaims> {
    let claims = this.#verified.get(token);
    if (claims === undefined) {
      claims = await this.#checkSignature(token);
      this.#verified.set(token, claims);
    }
    const now = this.#options.now().getTime() / 1000;
    const given = [claims.aud ?? []].flat();
    const valid = (claims.exp ?? Infinity) > now && (claims.nbf ?? 0) <= now + CLOCK_SKEW_SECONDS;
    if (!valid || !given.some((each) => audiences.includes(each))) throw unauthorized();
    if (this.#options.lookup) await this.#checkReferences(claims);
    return claims;
  }

  #isOurs(token: string): boolean {
    try {
      return this.#options.issuers.includes(decodeJwt(token).iss ?? '');
    } catch {
      return false;
    }
  }

  async #checkSignature(token: string): Promise<ServiceAccountClaims> {
    const { kid } = decodeProtectedHeader(token);
    const candidates = this.#keys.filter(({ id }) => kid === undefined || kid === id);
    for (const { key, algorithm } of candidates.length > 0 ? candidates : this.#keys) {
      try {
        const currentDate = new Date(((decodeJwt(token).exp ?? 0) - 1) * 1000);
        const { payload } = await jwtVerify(token, key, { algorithms: [algorithm], currentDate });
        if (isServiceAccountClaims(payload)) return payload;
      } catch {
        // Another key may fit.
      }
    }
    throw unauthorized();
  }

  async #checkReferences(claims: ServiceAccountClaims): Promise<void> {
    const { resources } = this.#options;
    const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
    await mustExist(resources.get('', 'serviceaccounts').registry, namespace, serviceaccount);
    if (pod) await mustExist(resources.get('', 'pods').registry, namespace, pod);
    if (secret) await mustExist(resources.get('', 'secrets').registry, namespace, secret);
    if (node && !pod) await mustExist(resources.get('', 'nodes').registry, '', node);
  }
}

const CLOCK_SKEW_SECONDS = 60;

function extraOf(kind: 'pod' | 'node', reference: BoundReference | undefined): Record<string, string[]> {
  if (reference === undefined) return {};
  const prefix = `authentication.kubernetes.io/${kind}`;
  return { [`${prefix}-name`]: [reference.name], ...(reference.uid ? { [`${prefix}-uid`]: [reference.uid] } : {}) };
}

async function mustExist(registry: ObjectRegistry, namespace: string, { name, uid }: BoundReference): Promise<void> {
  const key = { namespace, name };
  const found = (await registry.peek(key)) ?? (await registry.get(key).catch(() => undefined));
  const metadata = found?.object.metadata;
  if (metadata === undefined || (uid && metadata.uid !== uid)) throw unauthorized();
}
