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

/** An account's tokens are asked for again this long after a failure, while the last one is still good. */
const RENEWAL_RETRY_MS = 10_000;

/**
 * Service account tokens of one pod, bound to it, asked for when a volume first needs them. While nothing runs in the
 * pod that could read a file, it goes without: a thousand such pods are a thousand requests less. Whoever comes to look
 * calls `demand` first.
 */
export class PodTokens {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #pod: Pod;
  readonly #wake: () => void;
  readonly #entries = new Map<string, Entry>();
  #demanded: boolean;
  readonly #fetches = new Set<Promise<void>>();

  constructor(client: KubeClient, clock: Clock, pod: Pod, wake: () => void) {
    this.#client = client;
    this.#clock = clock;
    this.#pod = pod;
    this.#wake = wake;
    this.#demanded = mayReadFiles(pod);
  }

  /** From now on the pod has its tokens. Resolves when those that its volumes name are in place, or were refused. */
  async demand(): Promise<void> {
    if (!this.#demanded) {
      this.#demanded = true;
      const projections = (this.#pod.spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
      for (const { serviceAccountToken } of projections) if (serviceAccountToken) this.lookup(serviceAccountToken);
    }
    await Promise.all(this.#fetches);
  }

  readonly lookup: TokenLookup = (source) => {
    if (!this.#demanded) return { state: 'found', data: { token: '' } };
    const { audience = '', expirationSeconds = DEFAULT_EXPIRATION_SECONDS } = source;
    const key = `${audience}/${expirationSeconds}`;
    const known = this.#entries.get(key);
    const isStale = known === undefined || this.#clock.monotonicMs() >= known.expiresAtMs;
    if (isStale) {
      this.#entries.set(key, { result: known?.result ?? { state: 'pending' }, expiresAtMs: Infinity });
      const fetch = this.#fetch(key, audience, expirationSeconds).finally(() => this.#fetches.delete(fetch));
      this.#fetches.add(fetch);
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
      const last = this.#entries.get(key)?.result;
      // Renewed early, so that a failure leaves time: the last one is good for a while.
      if (last?.state === 'found') {
        this.#entries.set(key, { result: last, expiresAtMs: this.#clock.monotonicMs() + RENEWAL_RETRY_MS });
        return;
      }
      const message = `failed to fetch token: ${error instanceof Error ? error.message : String(error)}`;
      const result: LookupResult = { state: 'failed', notFound: false, message };
      this.#entries.set(key, { result, expiresAtMs: this.#clock.monotonicMs() + FAILED_TTL_MS });
    }
    this.#wake();
  }
}

/** A command reads what it likes, and so does whoever types into a shell; a probe or a hook may too. */
function mayReadFiles({ spec }: Pod): boolean {
  return [...(spec.initContainers ?? []), ...spec.containers].some(
    ({ command, args, stdin, livenessProbe, readinessProbe, startupProbe, lifecycle }) =>
      command?.length ||
      args?.length ||
      stdin ||
      [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].some(
        (each) => each?.exec,
      ),
  );
}
