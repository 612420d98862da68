import { EtcdCompacted, EtcdError, EtcdUnavailable } from './errors.ts';
import type { GrpcEndpoints, MemberStream } from './grpc-endpoints.ts';
import type { WatchEvent } from './watch-event.ts';
import { ProtobufReader } from './wire/protobuf-reader.ts';
import { decodeWatchResponse, encodeWatchCreate, type WatchResponse } from './wire/watch-messages.ts';

export interface WatchOptions {
  readonly key: string;
  /** Exclusive; `'\0'` for everything from `key` on. */
  readonly rangeEnd?: string;
  /** The first revision to hear of. */
  readonly startRevision: number;
  readonly prevKv?: boolean;
}

export interface WatchHandler {
  /** Whole revisions, in order, each once. `revision` is that of the last event. */
  events(events: readonly WatchEvent[], revision: number): void;
  /**
   * The stream is open (again). `revision` is the answering member's own, which may lag behind others; `clusterId` differs
   * after a restore from a backup.
   */
  opened?(revision: number, clusterId: string): void;
  /** The stream broke; it is being opened again. */
  interrupted?(error: Error): void;
  /** The watch is over: what it should go on from is compacted. */
  compacted(error: EtcdCompacted): void;
}

const FIRST_RETRY_MS = 25;
const LONGEST_RETRY_MS = 2_000;
/** How long etcd gets to confirm a watch. */
const OPEN_TIMEOUT_MS = 8_000;

/**
 * One watch that outlives its streams: opened again after every end, at the revision behind the last one handed out.
 *
 * etcd splits large answers only because we ask it to (`fragment`), and then possibly within one revision, so pieces are
 * held until the last is here: what was handed out always ends with a whole revision, and a new stream neither repeats
 * nor loses an event. Progress notifications move the place on, so that a watch over quiet keys is not overtaken by
 * compaction; only etcd's periodic ones are used, because before 3.4.25 a requested one may overtake events.
 */
export class EtcdWatch {
  readonly #endpoints: GrpcEndpoints;
  readonly #options: WatchOptions;
  readonly #handler: WatchHandler;
  #next: number;
  #pieces: WatchEvent[] = [];
  #stream: MemberStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** Counts streams, so that what comes late from an old one is not taken for the new one's. */
  #generation = 0;
  #closed = false;

  constructor(endpoints: GrpcEndpoints, options: WatchOptions, handler: WatchHandler) {
    this.#endpoints = endpoints;
    this.#options = options;
    this.#handler = handler;
    this.#next = options.startRevision;
    this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#generation++;
    clearTimeout(this.#timer);
    this.#stream?.close();
  }

  /**
   * Goes on at another member. For a caller that knows from elsewhere that there is more than the watch has brought: a
   * member can stand still without its connections showing it (its disk is full, its log is stuck).
   */
  moveOn(why: Error): void {
    if (!this.#stream) return;
    this.#stream.turnAway();
    this.#reopen(why);
  }

  #open(): void {
    const generation = ++this.#generation;
    const current = () => generation === this.#generation;
    this.#pieces = [];
    this.#stream = undefined;
    const opening = this.#endpoints.stream('/etcdserverpb.Watch/Watch', {
      message: (message) => {
        if (current()) this.#receive(decodeWatchResponse(new ProtobufReader(message)));
      },
      ended: (error) => {
        if (current()) this.#reopen(error ?? new EtcdUnavailable('etcd ended the watch', true));
      },
    });
    opening.then(
      (stream) => {
        if (!current()) return stream.close();
        this.#stream = stream;
        stream.write(encodeWatchCreate({ ...this.#options, startRevision: this.#next }));
        this.#timer = setTimeout(
          () => this.#reopen(new EtcdUnavailable('etcd did not open the watch in time', true)),
          OPEN_TIMEOUT_MS,
        );
      },
      (error: Error) => {
        if (current()) this.#reopen(error);
      },
    );
  }

  #receive(response: WatchResponse): void {
    if (response.created) {
      clearTimeout(this.#timer);
      this.#handler.opened?.(response.revision, response.clusterId);
    }
    if (response.compactRevision > 0) {
      this.close();
      this.#handler.compacted(new EtcdCompacted(response.compactRevision));
      return;
    }
    if (response.canceled) {
      this.#reopen(new EtcdError(0, `etcd canceled the watch: ${response.cancelReason}`));
      return;
    }
    this.#take(response);
  }

  #take(response: WatchResponse): void {
    const events = this.#pieces.length === 0 ? response.events : [...this.#pieces, ...response.events];
    this.#pieces = [];
    if (response.fragment) {
      this.#pieces = events;
      return;
    }
    const last = events.at(-1);
    if (last) {
      this.#retryMs = FIRST_RETRY_MS;
      this.#next = last.kv.modRevision + 1;
      this.#handler.events(events, last.kv.modRevision);
    } else if (!response.created && response.revision >= this.#next) {
      this.#next = response.revision + 1;
    }
  }

  #reopen(error: Error): void {
    if (this.#closed) return;
    this.#generation++;
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#handler.interrupted?.(error);
    this.#timer = setTimeout(() => this.#open(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }
}
