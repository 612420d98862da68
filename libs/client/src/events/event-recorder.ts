import { isNotFound, type KubeObject } from '@pilothouse/apimachinery';
import { events, type Event } from '@pilothouse/api';
import { silentLogger, systemRandom, type Clock, type Logger, type Random } from '@pilothouse/component';
import type { EventRecorder, EventRecorderOptions, ResourceClient } from '../contract.ts';
import { isConnectionError } from '../rest/connection-error.ts';
import { EventCorrelator } from './event-correlator.ts';
import { EventMaker } from './new-event.ts';

/** client-go's: a server that cannot be reached is tried this often, this far apart. */
const MAX_TRIES = 12;
const RETRY_MS = 10_000;
/** Beyond it events are dropped; events are a courtesy, not a record. */
const MAX_QUEUED = 10_000;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new QueueingEventRecorder(options);
}

/** Writes events one after the other in the background, in the order in which they happened. */
class QueueingEventRecorder implements EventRecorder {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #resource: ResourceClient<Event>;
  readonly #maker: EventMaker;
  readonly #correlator: EventCorrelator;
  readonly #queue: Event[] = [];
  #writing: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    const { client, component, host } = options;
    const { clock = client.clock, random = systemRandom(), logger = silentLogger() } = options;
    this.#clock = clock;
    this.#random = random;
    this.#logger = logger;
    this.#resource = client.resource(events);
    this.#maker = new EventMaker(clock, component, host);
    this.#correlator = new EventCorrelator(clock);
  }

  event(
    regarding: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options: { fieldPath?: string; host?: string } = {},
  ): void {
    if (this.#queue.length >= MAX_QUEUED) {
      this.#logger.warn({ reason, object: regarding.metadata?.name }, 'Event queue is full, event dropped');
      return;
    }
    // Made now, not when written: its time is when it happened.
    this.#queue.push(this.#maker.make({ regarding, type, reason, message, ...options }));
    this.#writing ??= this.#writeAll();
  }

  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // Let whoever records finish first: an event must never delay what it reports.
    await Promise.resolve();
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) await this.#record(event);
    this.#writing = undefined;
  }

  async #record(received: Event): Promise<void> {
    const correlated = this.#correlator.correlate(received);
    if (correlated.action === 'drop') return;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#write(correlated.event, correlated.action === 'patch' ? correlated.patch : undefined);
      } catch (error) {
        if (!isConnectionError(error)) {
          this.#logger.debug(
            { err: error, event: correlated.event.metadata.name },
            'Server rejected event (will not retry)',
          );
          return;
        }
        if (tries >= MAX_TRIES) {
          this.#logger.warn({ err: error }, 'Unable to write event (retry limit exceeded)');
          return;
        }
        // The first wait is random, so that a restarted server is not met by everyone at once.
        await this.#clock.sleep(tries === 1 ? RETRY_MS * this.#random.next() : RETRY_MS);
      }
    }
  }

  async #write(event: Event, patch: object | undefined): Promise<void> {
    const { namespace, name = '' } = event.metadata;
    if (patch) {
      try {
        await this.#resource.patch(name, { type: 'strategic', body: patch }, { namespace });
        return;
      } catch (error) {
        // It has expired meanwhile: write it anew, with its count.
        if (!isNotFound(error)) throw error;
      }
    }
    await this.#resource.create(event, { namespace });
  }
}
