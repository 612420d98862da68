import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@pilothouse/component';
import type { Answer, ApiClient } from '../cluster/api-client.ts';
import type { Operation, Seen, Write } from './operation.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
const PAUSE_MS = 25;
const LIST_SHARE = 0.06;

/**
 * Clients that create, change, delete, get and list a few objects over each other, each request through whichever server
 * chance picks, and write down what they did and were told: what checkConsistency judges.
 */
export class RecordingClients {
  readonly operations: Operation[] = [];
  readonly #servers: readonly ApiClient[];
  readonly #path: string;
  readonly #random: Random;
  #lastId = 0;
  #stopped = false;
  #running: Promise<void>[] = [];

  /** `servers` are ways to the same cluster; `path` is that of the ConfigMaps of one namespace. */
  constructor(servers: readonly ApiClient[], path: string, random: Random) {
    this.#servers = servers;
    this.#path = path;
    this.#random = random;
  }

  start(count: number): void {
    for (let number = 1; number <= count; number++) this.#running.push(this.#run(`client-${number}`));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #run(client: string): Promise<void> {
    while (!this.#stopped) {
      const key = this.#oneOf(KEYS);
      // A read first, most often through another server than the write after it: it must be the newest state.
      const { found, known } = await this.#get(client, key);
      if (known) await this.#change(client, key, found);
      if (this.#random.next() < LIST_SHARE) await this.#list(client);
      await sleep(PAUSE_MS);
    }
  }

  async #get(client: string, key: string): Promise<{ found: Seen | undefined; known: boolean }> {
    const startMs = performance.now();
    const answer = await this.#call('GET', `/${key}`);
    if (answer?.code !== 200 && answer?.code !== 404) return { found: undefined, known: false };
    const found = answer.code === 200 ? seen(answer.body) : undefined;
    this.operations.push({ kind: 'get', client, key, startMs, endMs: performance.now(), found });
    return { found, known: true };
  }

  async #list(client: string): Promise<void> {
    const startMs = performance.now();
    const answer = await this.#call('GET', '');
    if (answer?.code !== 200) return;
    const { metadata, items } = answer.body;
    this.operations.push({
      ...{ kind: 'list', client, startMs, endMs: performance.now() },
      resourceVersion: Number(metadata.resourceVersion),
      items: (items as Record<string, any>[]).map(seen),
    });
  }

  /** What the object's state calls for; others may be faster, and then it must be refused. */
  async #change(client: string, key: string, found: Seen | undefined): Promise<void> {
    const id = ++this.#lastId;
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: key }, data: { id: String(id) } };
    if (!found) return this.#write({ kind: 'create', client, key, id }, 'POST', '', object);
    const resourceVersion = String(found.resourceVersion);
    const precondition = found.resourceVersion;
    if (this.#random.next() < 0.2) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion } };
      return this.#write({ kind: 'delete', client, key, id, precondition }, 'DELETE', `/${key}`, body);
    }
    const body = { ...object, metadata: { name: key, resourceVersion } };
    return this.#write({ kind: 'update', client, key, id, precondition }, 'PUT', `/${key}`, body);
  }

  async #write(
    write: Omit<Write, 'startMs' | 'endMs' | 'outcome'>,
    method: string,
    path: string,
    body: object,
  ): Promise<void> {
    const startMs = performance.now();
    const answer = await this.#call(method, path, body);
    const version = Number(answer?.body['metadata']?.resourceVersion);
    const outcome = outcomeOf(answer?.code);
    this.operations.push({
      ...write,
      ...{ startMs, endMs: performance.now(), outcome },
      ...(outcome === 'acknowledged' && write.kind !== 'delete' ? { resourceVersion: version } : {}),
    });
  }

  /** Undefined when there was no answer. */
  #call(method: string, path: string, body?: object): Promise<Answer | undefined> {
    return this.#oneOf(this.#servers)
      .call(method, this.#path + path, body)
      .catch(() => undefined);
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random.next() * choices.length)]!;
  }
}

function outcomeOf(code: number | undefined): Write['outcome'] {
  if (code === 200 || code === 201) return 'acknowledged';
  return code !== undefined && code >= 400 && code < 500 ? 'refused' : 'unknown';
}

/** A ConfigMap that no client made has no number: `kube-root-ca.crt`, say. */
export function seen(object: Record<string, any>): Seen {
  const { name, resourceVersion } = object['metadata'];
  return { key: name, resourceVersion: Number(resourceVersion), id: Number(object['data']?.id) };
}
