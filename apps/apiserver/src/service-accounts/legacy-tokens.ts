import { createPublicKey } from 'node:crypto';
import { decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import { unauthorized } from '@pilothouse/apimachinery';
import type { Secret } from '@pilothouse/api';
import type { TokenAuthenticator } from '../authentication/bearer-token.ts';
import { serviceAccountUser, type UserInfo } from '../authentication/user-info.ts';
import { systemContext } from '../bootstrap/system-context.ts';
import type { Resources } from '../registry/resources.ts';
import { algorithmOf } from './token-signer.ts';

const ISSUER = 'kubernetes/serviceaccount';
const PREFIX = 'kubernetes.io/serviceaccount/';
/** The day on which a token was used last, and the day on which it was found unused and forbidden. */
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

export interface LegacyTokenOptions {
  readonly resources: Resources;
  readonly publicKeyPems: readonly string[];
  /** Those of this server: the tokens themselves name none. */
  readonly audiences: readonly string[];
  /** Whether the Secret and the account must still exist. */
  readonly lookup: boolean;
  readonly now: () => Date;
}

/**
 * Tokens that the controller-manager writes into Secrets of type `kubernetes.io/service-account-token`. They do not
 * expire: they hold as long as their Secret has them.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#secrets
 */
export class LegacyServiceAccountTokens implements TokenAuthenticator {
  readonly #options: LegacyTokenOptions;
  readonly #keys;

  constructor(options: LegacyTokenOptions) {
    this.#options = options;
    this.#keys = options.publicKeyPems.map((pem) => createPublicKey(pem));
  }

  async authenticateToken(token: string, audiences = this.#options.audiences): Promise<UserInfo | undefined> {
    if (!isLegacy(token)) return undefined;
    const claims = await this.#checkSignature(token);
    const claim = (name: string): string => String(claims[PREFIX + name] ?? '');
    const namespace = claim('namespace');
    const name = claim('service-account.name');
    const uid = claim('service-account.uid');
    const secretName = claim('secret.name');
    if (claims.sub !== `system:serviceaccount:${namespace}:${name}` || !uid || !secretName) throw unauthorized();
    if (!audiences.some((each) => this.#options.audiences.includes(each))) throw unauthorized();
    if (this.#options.lookup) await this.#checkReferences(token, { namespace, name, uid, secretName });
    return serviceAccountUser(namespace, name, uid);
  }

  async #checkSignature(token: string): Promise<JWTPayload> {
    for (const key of this.#keys) {
      try {
        return (await jwtVerify(token, key, { algorithms: [algorithmOf(key)], issuer: ISSUER })).payload;
      } catch {
        // Perhaps another key has signed it.
      }
    }
    throw unauthorized();
  }

  async #checkReferences(
    token: string,
    { namespace, name, uid, secretName }: Record<'namespace' | 'name' | 'uid' | 'secretName', string>,
  ): Promise<void> {
    const { resources } = this.#options;
    const secret = await resources.get('', 'secrets').registry.peek({ namespace, name: secretName });
    const held = (secret?.object as Secret | undefined)?.data?.['token'] ?? '';
    if (Buffer.from(held, 'base64').toString() !== token || secret?.object.metadata?.deletionTimestamp)
      throw unauthorized();
    const account = await resources.get('', 'serviceaccounts').registry.peek({ namespace, name });
    if (account?.object.metadata?.uid !== uid) throw unauthorized();
    if (secret?.object.metadata?.labels?.[INVALID_SINCE]) throw unauthorized();
    // Nobody is kept waiting for it, and the next use tries again.
    void this.#recordUse(secret?.object as Secret).catch(() => undefined);
  }

  async #recordUse({ metadata }: Secret): Promise<void> {
    const now = this.#options.now();
    const day = now.toISOString().slice(0, 10);
    if (metadata.labels?.[LAST_USED] === day) return;
    const { namespace = '', name = '', uid } = metadata;
    await this.#options.resources.get('', 'secrets').registry.update(
      { namespace, name },
      (current) => {
        if (current?.object.metadata?.uid !== uid) throw unauthorized();
        const labels = { ...current?.object.metadata?.labels, [LAST_USED]: day };
        return { ...current!.object, metadata: { ...current!.object.metadata, labels } };
      },
      systemContext(now, namespace),
    );
  }
}

function isLegacy(token: string): boolean {
  try {
    return decodeJwt(token).iss === ISSUER;
  } catch {
    return false;
  }
}
