import { isExpired, StatusError, type KubeObject, type WatchEvent } from '@pilothouse/apimachinery';
import { Backoff, type Clock, type Logger, type Random } from '@pilothouse/component';
import { isConnectionError } from '../rest/connection-error.ts';
import { UndecodableObjectError } from '../rest/undecodable-object.ts';
import type { ListWatch } from './list-watch.ts';

/** Where a reflector puts what it learns. */
export interface ReflectorSink<T extends KubeObject> {
  /** Everything there is, as of one moment. */
  replace(objects: readonly T[]): void;
  /** One change since. Never a bookmark. */
  apply(event: WatchEvent<T>): void;
}

/**
 * The loop that keeps a copy current, as states with one `step` between them (after kube-rs' watcher):
 *
 *     streaming ──────────────┐            (initial list as a watch, where the server offers it)
 *         │ unsupported       ▼
 *      listing ──────────► watching ──► watching …  (the server ends each watch after some minutes)
 *         ▲                   │
 *         └──── 410 Gone ─────┘
 *
 * Any other failure leads through `waiting` back to where it happened; no event is lost, because a watch resumes from
 * the last resource version seen.
 */
export type ReflectorState<T extends KubeObject> =
  | { readonly phase: 'streaming' }
  /** `''` reads the newest state, `'0'` whatever the server has at hand. */
  | { readonly phase: 'listing'; readonly resourceVersion: '' | '0' }
  | { readonly phase: 'watching'; readonly resourceVersion: string; readonly stream?: AsyncIterator<WatchEvent<T>> }
  | { readonly phase: 'waiting'; readonly delayMs: number; readonly next: ReflectorState<T> };

export interface ReflectorOptions<T extends KubeObject> {
  /** For the log: `pods`, `deployments.apps`. */
  readonly name: string;
  readonly source: ListWatch<T>;
  readonly sink: ReflectorSink<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The server ends a watch after this, and up to twice this, so that clients spread over its replicas. */
const MIN_WATCH_TIMEOUT_SECONDS = 300;
const PAGE_SIZE = 500;
/** A watch that ends sooner, without an event, points to a broken server or proxy. */
const SHORT_WATCH_MS = 1_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Fills a sink from a list and keeps it current from watches. See client-go's Reflector, with one difference: there an
 * object that cannot be decoded ends every watch, and the copy of all the others grows stale with it. Here the event is
 * left out, said in the log, and readiness fails until a list is whole again.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  #streamingSupported = true;
  #undecodable: Error | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff({ baseMs: 800, capMs: 30_000, jitter: 1, random: options.random });
  }

  /** The last object that could not be decoded since the last whole list. */
  get undecodable(): Error | undefined {
    return this.#undecodable;
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let state = this.#beginning('0');
    while (!signal.aborted) state = await this.step(state, signal);
  }

  /** Does what the state says and returns the next one. Never throws: failures are states, too. */
  async step(state: ReflectorState<T>, signal: AbortSignal): Promise<ReflectorState<T>> {
    try {
      switch (state.phase) {
        case 'streaming':
          return await this.#streamInitial(signal);
        case 'listing':
          return await this.#list(state.resourceVersion, signal);
        case 'watching':
          return await this.#watch(state.resourceVersion, state.stream, signal);
        case 'waiting':
          await this.#options.clock.sleep(state.delayMs, signal);
          return state.next;
      }
    } catch (error) {
      return this.#afterFailure(state, error, signal);
    }
  }

  #beginning(resourceVersion: '' | '0'): ReflectorState<T> {
    return this.#streamingSupported ? { phase: 'streaming' } : { phase: 'listing', resourceVersion };
  }

  #afterFailure(state: ReflectorState<T>, error: unknown, signal: AbortSignal): ReflectorState<T> {
    if (signal.aborted) return state;
    const { logger, name } = this.#options;
    if (state.phase === 'streaming' && refusesStreaming(error)) {
      this.#streamingSupported = false;
      return { phase: 'listing', resourceVersion: '0' };
    }
    if (state.phase === 'watching' && isExpired(error)) {
      logger.debug({ resource: name, err: error }, 'Watch expired, listing again');
      return this.#beginning('');
    }
    if (error instanceof UndecodableObjectError) this.#undecodable = error;
    const delayMs = this.#backoff.nextMs();
    logger.warn({ resource: name, phase: state.phase, delayMs, err: error }, 'List or watch failed, trying again');
    return { phase: 'waiting', delayMs, next: state };
  }

  async #list(resourceVersion: '' | '0', signal: AbortSignal): Promise<ReflectorState<T>> {
    const { source, sink } = this.#options;
    // The server's cache answers '0' whole, whatever limit is given.
    let page = await source.list(resourceVersion === '0' ? { resourceVersion, signal } : { limit: PAGE_SIZE, signal });
    let objects = page.items;
    while (page.metadata.continue) {
      try {
        page = await source.list({ limit: PAGE_SIZE, continue: page.metadata.continue, signal });
        objects = objects.concat(page.items);
      } catch (error) {
        if (!isExpired(error)) throw error;
        // The snapshot was compacted away between two pages: take everything at once.
        page = await source.list({ signal });
        objects = page.items;
      }
    }
    sink.replace(objects);
    this.#undecodable = undefined;
    return { phase: 'watching', resourceVersion: page.metadata.resourceVersion ?? '' };
  }

  /** The initial list arrives as ADDED events, closed by a bookmark; the same watch then goes on. */
  async #streamInitial(signal: AbortSignal): Promise<ReflectorState<T>> {
    const known = this.#undecodable;
    const stream = this.#open({ sendInitialEvents: true }, signal);
    const objects = new Map<string, T>();
    for (let next = await stream.next(); !next.done; next = await stream.next()) {
      const { type, object } = next.value;
      const { metadata } = object;
      if (type === 'BOOKMARK') {
        if (metadata?.annotations?.[INITIAL_EVENTS_END] !== 'true') continue;
        this.#options.sink.replace([...objects.values()]);
        if (this.#undecodable === known) this.#undecodable = undefined;
        this.#backoff.reset();
        return { phase: 'watching', resourceVersion: metadata.resourceVersion ?? '', stream };
      }
      const key = `${metadata?.namespace ?? ''}/${metadata?.name}`;
      if (type === 'DELETED') objects.delete(key);
      else objects.set(key, object);
    }
    throw new Error('the watch ended before the initial list was complete');
  }

  async #watch(
    from: string,
    stream: AsyncIterator<WatchEvent<T>> | undefined,
    signal: AbortSignal,
  ): Promise<ReflectorState<T>> {
    const { sink, clock } = this.#options;
    const startMs = clock.monotonicMs();
    let resourceVersion = from;
    const livedWell = (reached: string) => reached !== from || clock.monotonicMs() - startMs >= SHORT_WATCH_MS;
    const events = stream ?? this.#open({ resourceVersion }, signal);
    try {
      for (let next = await events.next(); !next.done; next = await events.next()) {
        const event = next.value;
        if (event.type !== 'BOOKMARK') sink.apply(event);
        resourceVersion = event.object.metadata?.resourceVersion ?? resourceVersion;
      }
    } catch (error) {
      const next = { phase: 'watching', resourceVersion } as const;
      if (!livedWell(resourceVersion)) return this.#afterFailure(next, error, signal);
      this.#backoff.reset();
      if (signal.aborted || !isConnectionError(error)) return this.#afterFailure(next, error, signal);
      // It had been going well, so it is worth a try at once. Resume after the last event that was applied.
      this.#options.logger.info(
        { resource: this.#options.name, err: (error as Error).message },
        'Watch was cut, resuming',
      );
      return next;
    }
    if (!livedWell(resourceVersion)) {
      const why = new Error('very short watch: unexpected end of the watch without an event');
      return this.#afterFailure({ phase: 'watching', resourceVersion }, why, signal);
    }
    this.#backoff.reset();
    return { phase: 'watching', resourceVersion };
  }

  #open(
    options: { sendInitialEvents: true } | { resourceVersion: string },
    signal: AbortSignal,
  ): AsyncIterator<WatchEvent<T>> {
    const timeoutSeconds = Math.floor(MIN_WATCH_TIMEOUT_SECONDS * (1 + this.#options.random.next()));
    const onUndecodable = (error: Error) => {
      this.#undecodable = error;
      this.#options.logger.error({ resource: this.#options.name, err: error }, 'Left out an event of the watch');
    };
    const watch = this.#options.source.watch({
      ...options,
      allowWatchBookmarks: true,
      timeoutSeconds,
      onUndecodable,
      signal,
    });
    return watch[Symbol.asyncIterator]();
  }
}

/** A server without streaming lists calls their parameters invalid; an aggregated one may call them a bad request. */
function refusesStreaming(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 422 || error.code === 400);
}
