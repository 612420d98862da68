import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../cluster/api-client.ts';
import type { SeenEvent } from './history.ts';

/**
 * Watches one resource for the whole run, resuming where it was cut, and writes down all that comes. A 410 is an error
 * here: nothing in a run is long enough to be forgotten.
 */
export class WatchRecorder {
  readonly events: SeenEvent[] = [];
  readonly errors: string[] = [];
  resumed = 0;
  readonly #api: ApiClient;
  readonly #path: string;
  #resourceVersion = 0;
  #stopped = false;
  #done: Promise<void> | undefined;
  #end: (() => void) | undefined;

  constructor(api: ApiClient, path: string) {
    this.#api = api;
    this.#path = path;
  }

  /** Everything after the moment in which this resolves is seen. */
  async start(): Promise<void> {
    const { body } = await this.#api.call('GET', `${this.#path}?limit=1`);
    this.#resourceVersion = Number(body['metadata'].resourceVersion);
    this.#done = this.#follow();
  }

  describe(): string {
    const { type, atMs = 0 } = this.events.at(-1) ?? {};
    const silentMs = Math.round(performance.now() - atMs);
    return `${this.#path}: ${this.events.length} events, the last ${silentMs} ms ago (${type}), at ${this.#resourceVersion}, resumed ${this.resumed} times`;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#end?.();
    await this.#done;
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#once();
      } catch {
        // Cut off, or nobody there: go on from where it was.
      }
      this.resumed++;
      await sleep(50);
    }
  }

  async #once(): Promise<void> {
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${this.#resourceVersion}`;
    const response = await this.#api.watch(`${this.#path}?${query}`);
    if (response.statusCode !== 200) {
      response.resume();
      if (response.statusCode === 410) this.errors.push(`${this.#path}: gone at ${this.#resourceVersion}`);
      return;
    }
    this.#end = () => response.destroy();
    // Not readline: it waits for an end that a connection which is cut never has.
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.#note(line);
    }
  }

  #note(line: string): void {
    const { type, object } = JSON.parse(line) as { type: string; object: Record<string, any> };
    if (type === 'ERROR') {
      if (object['code'] === 410) this.errors.push(`${this.#path}: ${object['message']}`);
      return;
    }
    const { resourceVersion, name, uid } = object['metadata'];
    this.#resourceVersion = Number(resourceVersion);
    if (type === 'BOOKMARK') return;
    this.events.push({ type, resourceVersion: this.#resourceVersion, name, uid, object, atMs: performance.now() });
  }
}
