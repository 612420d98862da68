import https from 'node:https';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '@pilothouse/component';

const TIMEOUT_MS = 30_000;
/** Keys are not asked for more often, whatever tokens come. */
const REFRESH_MS = 10_000;

export interface KeySource {
  readonly issuer: string;
  /** Where the discovery document is; below the issuer unless told. */
  readonly discoveryUrl: string | undefined;
  /** PEM; those that the system trusts unless told. */
  readonly ca: string | undefined;
}

/** The keys of an issuer, found as OpenID Connect Discovery says, and found again when a token names a new one. */
export class SigningKeys {
  readonly #source: KeySource;
  readonly #clock: Clock;
  #keys: Promise<JWTVerifyGetKey> | undefined;
  #fetchedMs = Number.NEGATIVE_INFINITY;

  constructor(source: KeySource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** For `jwtVerify`. */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    const known = this.#keys ?? this.#fetch();
    try {
      return await (
        await known
      )(header, token);
    } catch (error) {
      if (this.#clock.monotonicMs() - this.#fetchedMs < REFRESH_MS) throw error;
      return (await this.#fetch())(header, token);
    }
  };

  #fetch(): Promise<JWTVerifyGetKey> {
    this.#fetchedMs = this.#clock.monotonicMs();
    const keys = this.#discover();
    this.#keys = keys;
    keys.catch(() => {
      if (this.#keys === keys) this.#keys = undefined;
    });
    return keys;
  }

  async #discover(): Promise<JWTVerifyGetKey> {
    const { issuer, discoveryUrl } = this.#source;
    const url = discoveryUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = (await this.#getJson(url)) as { issuer?: string; jwks_uri?: string };
    if (document.issuer !== issuer) {
      const got = JSON.stringify(document.issuer ?? '');
      throw new Error(`oidc: issuer did not match the issuer returned by provider, expected "${issuer}" got ${got}`);
    }
    return createLocalJWKSet((await this.#getJson(document.jwks_uri ?? '')) as JSONWebKeySet);
  }

  async #getJson(url: string): Promise<unknown> {
    const { ca } = this.#source;
    // As in Go, the serving certificate itself may stand in for its authority.
    const trust = ca ? { ca, allowPartialTrustChain: true } : {};
    const request = https.get(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...trust });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await text(response);
    if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode}: ${body.slice(0, 200)}`);
    return JSON.parse(body);
  }
}
