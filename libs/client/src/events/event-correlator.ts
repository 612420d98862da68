import type { Event } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import { LRUCache } from 'lru-cache';
import { TokenBucket } from '../flow/token-bucket.ts';
import { sameEventKey, similarEventsKey, spamKey } from './event-keys.ts';

/** client-go's: of each kind of memory, so many entries. */
const MAX_ENTRIES = 4096;
/** From this many different messages within the interval on, similar events are combined. */
const MAX_SIMILAR_EVENTS = 10;
const SIMILAR_INTERVAL_MS = 10 * 60_000;
/** A source may say so much of one object at once, and one more every five minutes. */
const SPAM_BURST = 25;
const SPAM_PER_SECOND = 1 / 300;

/** What to do with an event: write a new one, raise the count of one already written, or nothing. */
export type Correlated =
  | { readonly action: 'create'; readonly event: Event }
  | { readonly action: 'patch'; readonly event: Event; readonly patch: object }
  | { readonly action: 'drop' };

interface Similar {
  readonly messages: Set<string>;
  lastAtMs: number;
}

interface Seen {
  count: number;
  readonly name: string;
  readonly firstTimestamp: string;
}

/** Keeps a failing component from filling the cluster with events. See client-go's EventCorrelator. */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #similar = new LRUCache<string, Similar>({ max: MAX_ENTRIES });
  readonly #seen = new LRUCache<string, Seen>({ max: MAX_ENTRIES });
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: MAX_ENTRIES });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(received: Event): Correlated {
    const { event, key } = this.#aggregate(received);
    const observed = this.#count(event, key);
    // Counted although dropped: the next one that gets through carries the true count.
    return this.#bucket(received).tryTake() ? observed : { action: 'drop' };
  }

  /** The event, or the combined one that stands for it and those like it; and the key under which it is counted. */
  #aggregate(event: Event): { event: Event; key: string } {
    const nowMs = this.#clock.monotonicMs();
    const similarKey = similarEventsKey(event);
    let similar = this.#similar.get(similarKey);
    if (!similar || nowMs - similar.lastAtMs > SIMILAR_INTERVAL_MS) similar = { messages: new Set(), lastAtMs: nowMs };
    similar.messages.add(event.message ?? '');
    similar.lastAtMs = nowMs;
    this.#similar.set(similarKey, similar);
    if (similar.messages.size < MAX_SIMILAR_EVENTS) return { event, key: sameEventKey(event) };
    // One message less, so that the set does not grow and the next different one still finds it full.
    similar.messages.delete(similar.messages.values().next().value!);
    return { event: { ...event, message: `(combined from similar events): ${event.message}` }, key: similarKey };
  }

  #count(event: Event, key: string): Correlated {
    const seen = this.#seen.get(key);
    if (!seen) {
      const { name = '' } = event.metadata;
      this.#seen.set(key, { count: 1, name, firstTimestamp: event.firstTimestamp ?? '' });
      return { action: 'create', event };
    }
    seen.count++;
    const { name, firstTimestamp, count } = seen;
    const { lastTimestamp, message } = event;
    return {
      action: 'patch',
      event: { ...event, metadata: { ...event.metadata, name }, firstTimestamp, count },
      patch: { count, lastTimestamp, message },
    };
  }

  #bucket(event: Event): TokenBucket {
    const key = spamKey(event);
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = new TokenBucket({ perSecond: SPAM_PER_SECOND, burst: SPAM_BURST, clock: this.#clock });
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }
}
