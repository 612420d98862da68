import type { KubeObject } from '@pilothouse/apimachinery';
import type { Event } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';

export interface EventWords {
  readonly regarding: KubeObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly host?: string;
}

/** Makes events as client-go's recorder does; each maker's names are unique. */
export class EventMaker {
  readonly #clock: Clock;
  readonly #component: string;
  readonly #host: string | undefined;
  #lastNanos = 0n;

  constructor(clock: Clock, component: string, host: string | undefined) {
    this.#clock = clock;
    this.#component = component;
    this.#host = host;
  }

  make({ regarding, type, reason, message, fieldPath, host = this.#host }: EventWords): Event {
    const now = this.#clock.now();
    const timestamp = now.toISOString().replace(/\.\d+Z$/, 'Z');
    const { name = '', namespace, uid, resourceVersion } = regarding.metadata ?? {};
    const source = { component: this.#component, ...(host ? { host } : {}) };
    return {
      kind: 'Event',
      apiVersion: 'v1',
      // Events of cluster-scoped objects live in `default`.
      metadata: { name: `${name}.${this.#uniqueNanos(now).toString(16)}`, namespace: namespace || 'default' },
      involvedObject: {
        kind: regarding.kind,
        ...(namespace ? { namespace } : {}),
        name,
        uid,
        apiVersion: regarding.apiVersion,
        resourceVersion,
        ...(fieldPath ? { fieldPath } : {}),
      },
      reason,
      message,
      source,
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: this.#component,
      reportingInstance: host ?? '',
    };
  }

  /** Names end in the time in nanoseconds. The clock has milliseconds, so those of one millisecond count up. */
  #uniqueNanos(now: Date): bigint {
    const nanos = BigInt(now.getTime()) * 1_000_000n;
    this.#lastNanos = nanos > this.#lastNanos ? nanos : this.#lastNanos + 1n;
    return this.#lastNanos;
  }
}
