import type { KubeList, KubeObject, WatchEvent } from '@pilothouse/apimachinery';
import type { ListParameters, WatchParameters } from '../contract.ts';
import type { ListWatch } from './list-watch.ts';

/** What one request does: events and how it ends, or a list. */
export type Script =
  | { readonly list: KubeObject[]; readonly resourceVersion: string; readonly continue?: string }
  | { readonly watch: (WatchEvent | { readonly undecodable: Error })[]; readonly end?: 'eof' | 'open' | Error }
  | { readonly fail: Error };

/** A source of lists and watches that plays a script, one entry per request, for the reflector's tests. */
export class ScriptedSource implements ListWatch<KubeObject> {
  readonly requests: (({ verb: 'list' } & ListParameters) | ({ verb: 'watch' } & WatchParameters))[] = [];
  readonly #scripts: Script[];

  constructor(...scripts: Script[]) {
    this.#scripts = scripts;
  }

  async list({ signal: _, ...options }: ListParameters): Promise<KubeList> {
    this.requests.push({ verb: 'list', ...options });
    const script = this.#next();
    if ('fail' in script) throw script.fail;
    if (!('list' in script)) throw new Error('the script has a watch where a list was asked for');
    return { metadata: { resourceVersion: script.resourceVersion, continue: script.continue }, items: script.list };
  }

  async *watch({
    signal,
    timeoutSeconds: _,
    allowWatchBookmarks: __,
    onUndecodable,
    ...options
  }: WatchParameters): AsyncGenerator<WatchEvent> {
    this.requests.push({ verb: 'watch', ...options });
    const script = this.#next();
    if ('fail' in script) throw script.fail;
    if (!('watch' in script)) throw new Error('the script has a list where a watch was asked for');
    for (const event of script.watch) {
      if ('undecodable' in event) onUndecodable?.(event.undecodable);
      else yield event;
    }
    const { end = 'open' } = script;
    if (end instanceof Error) throw end;
    if (end === 'open')
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  }

  #next(): Script {
    // After its end the script stays silent, as a quiet server would.
    return this.#scripts.shift() ?? { watch: [], end: 'open' };
  }
}
