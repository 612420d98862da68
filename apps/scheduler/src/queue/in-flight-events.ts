import type { KubeObject } from '@pilothouse/apimachinery';
import type { ClusterEvent } from '../framework/cluster-event.ts';

export interface RecordedEvent {
  readonly event: ClusterEvent;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

/**
 * What happened while a pod was out of the queue. A pod waiting at permit may be rejected later, by a plugin for which
 * the helping event has already come; without this record it would wait for the next one.
 */
export class InFlightEvents {
  /** Position in the record at which each pod, by uid, left the queue. */
  readonly #starts = new Map<string, number>();
  #events: RecordedEvent[] = [];
  /** How many events were dropped from the front of the record. */
  #dropped = 0;

  start(uid: string): void {
    this.#starts.set(uid, this.#dropped + this.#events.length);
  }

  has(uid: string): boolean {
    return this.#starts.has(uid);
  }

  record(recorded: RecordedEvent): void {
    if (this.#starts.size > 0) this.#events.push(recorded);
  }

  since(uid: string): readonly RecordedEvent[] {
    const start = this.#starts.get(uid);
    return start === undefined ? [] : this.#events.slice(start - this.#dropped);
  }

  /** The pod is bound or back in the queue: the events only it needed are dropped. */
  done(uid: string): void {
    const start = this.#starts.get(uid);
    if (start === undefined) return;
    this.#starts.delete(uid);
    if (this.#starts.size === 0) {
      this.#dropped += this.#events.length;
      this.#events = [];
    } else if (start === this.#dropped && this.#events.length > 0) {
      const oldest = Math.min(...this.#starts.values());
      this.#events.splice(0, oldest - this.#dropped);
      this.#dropped = oldest;
    }
  }
}
