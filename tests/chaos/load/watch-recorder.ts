import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../cluster/api-client.ts';
import type { SeenEvent } from './history.ts';

/**
 * Watches one resource for the whole run, resuming where it was cut, and writes down all that comes. An apiserver that
 * has just started remembers nothing from before and answers 410 to whoever was away meanwhile; then it lists again, as
 * every client must, and notes what the list shows.
 */
export class WatchRecorder {
  readonly events: SeenEvent[] = [];
  /** Where each list was, and which of the events followed it without a break. */
  readonly segments: { readonly from: number; readonly events: SeenEvent[] }[] = [];
  resumed = 0;
  relisted = 0;
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
    await this.#list();
    this.#done = this.#follow();
  }

  /** The newest version it knows of, from an event, a bookmark or a list. */
  get reached(): number {
    return this.#resourceVersion;
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
      if (response.statusCode === 410) await this.#relist();
      return;
    }
    this.#end = () => response.destroy();
    // Not readline: it waits for an end that a connection which is cut never has.
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as { type: string; object: Record<string, any> };
        if (type === 'ERROR') {
          if (object['code'] === 410) await this.#relist();
          return;
        }
        this.#resourceVersion = Number(object['metadata'].resourceVersion);
        if (type !== 'BOOKMARK') this.#note(type, object);
      }
    }
  }

  async #relist(): Promise<void> {
    await this.#list();
    this.relisted++;
  }

  async #list(): Promise<void> {
    const { code, body } = await this.#api.call('GET', this.#path);
    if (code !== 200) throw new Error(`${code}: ${body['message']}`);
    this.#resourceVersion = Number(body['metadata'].resourceVersion);
    this.segments.push({ from: this.#resourceVersion, events: [] });
    for (const item of body['items'] as Record<string, any>[]) this.#note('LISTED', item);
  }

  #note(type: string, object: Record<string, any>): void {
    const { resourceVersion, name, uid } = object['metadata'];
    const event = { type, resourceVersion: Number(resourceVersion), name, uid, object, atMs: performance.now() };
    this.events.push(event);
    if (type !== 'LISTED') this.segments.at(-1)!.events.push(event);
  }
}
