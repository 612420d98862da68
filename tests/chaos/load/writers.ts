import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../cluster/api-client.ts';
import type { Acknowledged } from './history.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
const THINK_MS = 15;

/**
 * Writers that each count up in an object of their own, as fast as they are answered, through every fault. After a
 * failure a writer reads what became of its write before it goes on, as any careful client does.
 */
export class Writers {
  readonly acknowledged: Acknowledged[] = [];
  /** When each success came, in order. */
  readonly successesMs: number[] = [];
  readonly readsMs: number[] = [];
  failures = 0;
  /** Refusals that no fault explains. */
  readonly unexpected: string[] = [];
  readonly #api: ApiClient;
  readonly #count: number;
  #stopped = false;
  #running: Promise<void>[] = [];

  constructor(api: ApiClient, count: number) {
    this.#api = api;
    this.#count = count;
  }

  start(): void {
    for (let number = 1; number <= this.#count; number++) this.#running.push(this.#write(`writer-${number}`));
    this.#running.push(this.#read());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #write(name: string): Promise<void> {
    let sequence = 0;
    let resourceVersion: string | undefined;
    while (!this.#stopped) {
      sequence++;
      for (let done = false; !done && !this.#stopped;) {
        try {
          const outcome = await this.#attempt(name, sequence, resourceVersion);
          if (outcome === undefined) {
            this.failures++;
            await sleep(50);
            const { code, body } = await this.#api.call('GET', `${PATH}/${name}`);
            if (code === 404) {
              resourceVersion = undefined;
              continue;
            }
            if (code !== 200) continue;
            resourceVersion = body['metadata'].resourceVersion as string;
            done = Number(body['data'].sequence) === sequence;
          } else {
            resourceVersion = outcome;
            done = true;
          }
          if (done) this.#note(name, sequence, resourceVersion);
        } catch {
          this.failures++;
          await sleep(50);
        }
      }
      await sleep(THINK_MS);
    }
  }

  /** The new resource version, or undefined when the outcome must be read. */
  async #attempt(name: string, sequence: number, resourceVersion: string | undefined): Promise<string | undefined> {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, ...(resourceVersion && { resourceVersion }) },
      data: { sequence: String(sequence) },
    };
    let answer;
    try {
      answer = resourceVersion
        ? await this.#api.call('PUT', `${PATH}/${name}`, object)
        : await this.#api.call('POST', PATH, object);
    } catch {
      return undefined;
    }
    if (answer.code === 200 || answer.code === 201) return answer.body['metadata'].resourceVersion as string;
    // 409 after an unknown outcome; 429, 500 (etcd has no leader), 503, 504 while something is down.
    if (![409, 429, 500, 503, 504].includes(answer.code))
      this.unexpected.push(`${answer.code} ${answer.body['message']}`);
    return undefined;
  }

  #note(name: string, sequence: number, resourceVersion: string): void {
    this.acknowledged.push({ name, sequence, resourceVersion: Number(resourceVersion) });
    this.successesMs.push(performance.now());
  }

  async #read(): Promise<void> {
    while (!this.#stopped) {
      try {
        const { code } = await this.#api.call('GET', `${PATH}?limit=5`);
        if (code === 200) this.readsMs.push(performance.now());
      } catch {
        // Counted by the pause it makes.
      }
      await sleep(THINK_MS);
    }
  }
}

/** The longest time without a success between two moments. */
export function longestPauseMs(successesMs: readonly number[], fromMs: number, toMs: number): number {
  const within = [fromMs, ...successesMs.filter((at) => at > fromMs && at < toMs), toMs];
  return Math.max(...within.slice(1).map((at, index) => at - within[index]!));
}
