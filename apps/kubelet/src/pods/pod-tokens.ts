import { serviceaccounts } from '@pilothouse/api';
import type { Pod, ServiceAccountTokenProjection, TokenRequest } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import type { LookupResult } from './object-lookup.ts';

/** The token that a projected volume asks for. */
export type TokenLookup = (source: ServiceAccountTokenProjection) => LookupResult;

const DEFAULT_EXPIRATION_SECONDS = 3600;
/** As upstream's token manager: a token is renewed when a fifth of its life is left, and at the latest after a day. */
const RENEW_AT = 0.8;
const MAX_AGE_MS = 24 * 3_600_000;
const FAILED_TTL_MS = 400;

interface Entry {
  readonly result: LookupResult;
  readonly expiresAtMs: number;
}

/**
 * Service account tokens of one pod, bound to it, asked for when a volume first needs them. A pod that names no command
 * has nothing that could read a file, and goes without: a thousand of them are a thousand requests less.
 */
export class PodTokens {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #pod: Pod;
  readonly #wake: () => void;
  readonly #entries = new Map<string, Entry>();

  constructor(client: KubeClient, clock: Clock, pod: Pod, wake: () => void) {
    this.#client = client;
    this.#clock = clock;
    this.#pod = pod;
    this.#wake = wake;
  }

  readonly lookup: TokenLookup = (source) => {
    if (!mayReadFiles(this.#pod)) return { state: 'found', data: { token: '' } };
    const { audience = '', expirationSeconds = DEFAULT_EXPIRATION_SECONDS } = source;
    const key = `${audience}/${expirationSeconds}`;
    const known = this.#entries.get(key);
    const isStale = known === undefined || this.#clock.monotonicMs() >= known.expiresAtMs;
    if (isStale) {
      this.#entries.set(key, { result: known?.result ?? { state: 'pending' }, expiresAtMs: Infinity });
      void this.#fetch(key, audience, expirationSeconds);
    }
    return known?.result.state === 'found' || !isStale ? known!.result : { state: 'pending' };
  };

  async #fetch(key: string, audience: string, expirationSeconds: number): Promise<void> {
    const { namespace = '', name = '', uid = '' } = this.#pod.metadata;
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: audience === '' ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const account = this.#pod.spec.serviceAccountName ?? 'default';
    const now = this.#clock.monotonicMs();
    try {
      const answer = (await this.#client
        .resource(serviceaccounts)
        .createSubresource(account, 'token', request, { namespace })) as TokenRequest;
      const lifeMs = Math.min(expirationSeconds * 1000 * RENEW_AT, MAX_AGE_MS);
      const data = { token: answer.status?.token ?? '' };
      this.#entries.set(key, { result: { state: 'found', data }, expiresAtMs: now + lifeMs });
    } catch (error) {
      const message = `failed to fetch token: ${error instanceof Error ? error.message : String(error)}`;
      const result: LookupResult = { state: 'failed', notFound: false, message };
      this.#entries.set(key, { result, expiresAtMs: this.#clock.monotonicMs() + FAILED_TTL_MS });
    }
    this.#wake();
  }
}

function mayReadFiles({ spec }: Pod): boolean {
  return [...(spec.initContainers ?? []), ...spec.containers].some(
    ({ command, args }) => command?.length || args?.length,
  );
}
