import { configmaps, secrets } from '@pilothouse/api';
import type { ConfigMap, Secret } from '@pilothouse/api';
import { deepEqual, isNotFound } from '@pilothouse/apimachinery';
import type { KubeClient } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import type { LookupResult, ObjectLookup, ReferencedKind } from './object-lookup.ts';
import { textOf } from '../runtime/shell/byte-text.ts';

/** As upstream's cache-based manager: an answer is good for a minute, and may be stale for as long. */
const FOUND_TTL_MS = 60_000;
/** Pods ask again for what is missing at their own back-off; within this they share one answer. */
const FAILED_TTL_MS = 400;

interface Entry {
  result: LookupResult;
  fetchedAtMs: number;
  fetching: boolean;
  readonly waiting: Set<string>;
}

/**
 * ConfigMaps and Secrets that pods refer to, fetched by name: a node's credentials allow no more, and a thousand pods
 * of a namespace share one request for its `kube-root-ca.crt`.
 */
export class ReferenceCache {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #wake: (podUid: string) => void;
  readonly #entries = new Map<string, Entry>();

  constructor(client: KubeClient, clock: Clock, wake: (podUid: string) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#wake = wake;
  }

  /** A lookup that wakes this pod when a pending answer has come, or a stale one turns out to be wrong. */
  lookupFor(podUid: string): ObjectLookup {
    return (kind, namespace, name) => this.#lookup(podUid, kind, namespace, name);
  }

  #lookup(podUid: string, kind: ReferencedKind, namespace: string, name: string): LookupResult {
    const key = `${kind}/${namespace}/${name}`;
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { result: { state: 'pending' }, fetchedAtMs: -Infinity, fetching: false, waiting: new Set() };
      this.#entries.set(key, entry);
    }
    const age = this.#clock.monotonicMs() - entry.fetchedAtMs;
    const fresh = age < (entry.result.state === 'found' ? FOUND_TTL_MS : FAILED_TTL_MS);
    if (fresh && !entry.fetching) return entry.result;
    if (!entry.fetching) void this.#fetch(entry, kind, namespace, name);
    entry.waiting.add(podUid);
    return entry.result.state === 'found' ? entry.result : { state: 'pending' };
  }

  async #fetch(entry: Entry, kind: ReferencedKind, namespace: string, name: string): Promise<void> {
    entry.fetching = true;
    const before = entry.result;
    try {
      const data =
        kind === 'configmap'
          ? configMapData(await this.#client.resource(configmaps).get(name, { namespace }))
          : secretData(await this.#client.resource(secrets).get(name, { namespace }));
      entry.result = { state: 'found', data };
    } catch (error) {
      const missing = isNotFound(error);
      const message = missing ? `${kind} "${name}" not found` : error instanceof Error ? error.message : String(error);
      entry.result = { state: 'failed', notFound: missing, message };
    }
    entry.fetching = false;
    entry.fetchedAtMs = this.#clock.monotonicMs();
    const waiting = [...entry.waiting];
    entry.waiting.clear();
    if (before.state === 'found' && deepEqual(before, entry.result)) return;
    for (const podUid of waiting) this.#wake(podUid);
  }
}

function configMapData({ data = {}, binaryData = {} }: ConfigMap): Record<string, string> {
  return { ...data, ...decoded(binaryData) };
}

function secretData({ data = {} }: Secret): Record<string, string> {
  return decoded(data);
}

function decoded(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, textOf(Buffer.from(value, 'base64'))]));
}
