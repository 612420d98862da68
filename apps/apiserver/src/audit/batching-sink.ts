import type { Clock } from '@pilothouse/component';
import { TokenBuckets } from '../admission/token-buckets.ts';
import type { AuditEvent } from './audit-event.ts';
import type { AuditSink } from './audit-sink.ts';

export interface BatchOptions {
  /** So many events may wait; what comes beyond is lost, and counted. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  /** How long the first of a batch waits for others. */
  readonly maxWaitMs: number;
  /** Batches a second, and at once; absent: as many as there are. */
  readonly throttle?: { readonly qps: number; readonly burst: number };
}

/** Gathers events and hands them on in batches, one at a time, so that no request waits for where they go. */
export class BatchingSink implements AuditSink {
  readonly #sink: AuditSink;
  readonly #options: BatchOptions;
  readonly #clock: Clock;
  readonly #lost: (events: number, why: unknown) => void;
  readonly #throttle: TokenBuckets | undefined;
  #waiting: AuditEvent[] = [];
  #cancel: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #closing = false;

  constructor(sink: AuditSink, options: BatchOptions, clock: Clock, lost: (events: number, why: unknown) => void) {
    this.#sink = sink;
    this.#options = options;
    this.#clock = clock;
    this.#lost = lost;
    const { throttle } = options;
    if (throttle) this.#throttle = new TokenBuckets(throttle.qps, throttle.burst, 1, clock);
  }

  write(events: readonly AuditEvent[]): void {
    const room = this.#options.bufferSize - this.#waiting.length;
    this.#waiting.push(...events.slice(0, Math.max(0, room)));
    if (events.length > room) this.#lost(events.length - Math.max(0, room), new Error('audit buffer queue blocked'));
    this.#sendOrWait();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#cancel?.();
    while (this.#sending || this.#waiting.length > 0) await (this.#sending ?? this.#send());
    await this.#sink.close();
  }

  #sendOrWait(): void {
    const { maxBatchSize, maxWaitMs } = this.#options;
    if (this.#sending || this.#closing || this.#waiting.length === 0) return;
    if (this.#waiting.length >= maxBatchSize) void this.#send();
    else {
      this.#cancel ??= this.#clock.after(maxWaitMs, () => void this.#send());
    }
  }

  #send(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#sending ??= this.#sendOne().finally(() => {
      this.#sending = undefined;
      this.#sendOrWait();
    });
    return this.#sending;
  }

  async #sendOne(): Promise<void> {
    while (this.#throttle && !this.#closing && !this.#throttle.take('')) {
      await this.#clock.sleep(1000 / this.#options.throttle!.qps);
    }
    const batch = this.#waiting.splice(0, this.#options.maxBatchSize);
    try {
      await this.#sink.write(batch);
    } catch (error) {
      this.#lost(batch.length, error);
    }
  }
}
