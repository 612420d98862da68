import { isAlreadyExists, isNotFound } from '@pilothouse/apimachinery';
import { namespaces, serviceaccounts, type TokenRequest } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';

const NAMESPACE = 'kube-system';
/** As upstream's client builder: an hour, renewed when a fifth of it is left. */
const EXPIRATION_SECONDS = 3600;
const RENEW_AT = 0.8;

/**
 * Tokens of one service account of kube-system, from the TokenRequest API. The account is made when it is missing.
 * Upstream: k8s.io/controller-manager's DynamicControllerClientBuilder.
 */
export class ServiceAccountTokenSource {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #account: string;
  #current: Promise<string> | undefined;
  /** On the monotonic clock: a token's age does not depend on what the server thinks the time is. */
  #renewAtMs = 0;

  constructor(client: KubeClient, clock: Clock, account: string) {
    this.#client = client;
    this.#clock = clock;
    this.#account = account;
  }

  /** The present token; those who ask while one is under way wait for the same one. */
  readonly token = async (): Promise<string> => {
    if (this.#current && this.#clock.monotonicMs() < this.#renewAtMs) return this.#current;
    this.#renewAtMs = Infinity;
    const asked = this.#request();
    this.#current = asked;
    try {
      return await asked;
    } catch (error) {
      if (this.#current === asked) this.#current = undefined;
      throw error;
    }
  };

  /** After a 401: the account was deleted and made again, or the signing key has changed. */
  readonly reset = (): void => {
    if (this.#renewAtMs !== Infinity) this.#current = undefined;
  };

  async #request(): Promise<string> {
    const askedAtMs = this.#clock.monotonicMs();
    const { status } = await this.#createToken().catch(async (error: unknown) => {
      if (!isNotFound(error)) throw error;
      await this.#createAccount();
      return this.#createToken();
    });
    if (!status?.token) throw new Error(`no token in the answer for service account ${NAMESPACE}/${this.#account}`);
    // The server may give less than was asked for.
    const lifeMs = Date.parse(String(status.expirationTimestamp)) - this.#clock.now().getTime();
    this.#renewAtMs = askedAtMs + Math.max(0, Math.min(lifeMs, EXPIRATION_SECONDS * 1000)) * RENEW_AT;
    return status.token;
  }

  async #createToken(): Promise<TokenRequest> {
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [], expirationSeconds: EXPIRATION_SECONDS },
    };
    return (await this.#client
      .resource(serviceaccounts)
      .createSubresource(this.#account, 'token', request, { namespace: NAMESPACE })) as TokenRequest;
  }

  async #createAccount(): Promise<void> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE }, spec: {} };
    const metadata = { name: this.#account, namespace: NAMESPACE };
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    try {
      await this.#client.resource(namespaces).get(NAMESPACE);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#client.resource(namespaces).create(namespace).catch(ignoreAlreadyExists);
    }
    await this.#client.resource(serviceaccounts).create(account, { namespace: NAMESPACE }).catch(ignoreAlreadyExists);
  }
}

function ignoreAlreadyExists(error: unknown): void {
  if (!isAlreadyExists(error)) throw error;
}
