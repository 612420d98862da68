import type https from 'node:https';
import { createInterface } from 'node:readline';
import type { Json } from './api.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Json;
}

/** An open watch; its events are kept, so that a story may ask for what has happened already. */
export class Watch {
  readonly events: WatchEvent[] = [];
  /** How many events `next` has looked at. */
  #seen = 0;
  #ended: string | undefined;
  #close: () => void = () => {};
  readonly #waiting = new Set<() => void>();

  static open(client: typeof https, options: https.RequestOptions): Watch {
    const watch = new Watch();
    const request = client.request(options, (response) => {
      const lines = createInterface({ input: response });
      lines.on('line', (line) => {
        const event = JSON.parse(line) as WatchEvent & { kind?: string };
        if (event.kind === 'Status') watch.#end(line);
        else watch.events.push(event);
        watch.#wake();
      });
      lines.on('close', () => watch.#end('the server ended the watch'));
      lines.on('error', () => {});
      response.on('error', () => {});
    });
    request.on('error', (error) => watch.#end(error.message));
    request.end();
    watch.#close = () => request.destroy();
    return watch;
  }

  /** The next event, in order, that this accepts; the ones before it count as seen. */
  async next(accept: (event: WatchEvent) => boolean = () => true, timeoutMs = 30_000): Promise<WatchEvent> {
    const giveUp = performance.now() + timeoutMs;
    for (;;) {
      while (this.#seen < this.events.length) {
        const event = this.events[this.#seen++]!;
        if (accept(event)) return event;
      }
      const leftMs = giveUp - performance.now();
      if (this.#ended !== undefined) throw new Error(`no such event: ${this.#ended}`);
      if (leftMs <= 0) throw new Error(`no such event among ${JSON.stringify(this.events).slice(0, 2_000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async type(type: WatchEvent['type'], accept: (object: Json) => boolean = () => true): Promise<Json> {
    return (await this.next((event) => event.type === type && accept(event.object))).object;
  }

  close(): void {
    this.#close();
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
