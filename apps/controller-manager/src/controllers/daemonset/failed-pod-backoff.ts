import type { Clock } from '@pilothouse/component';
import { LRUCache } from 'lru-cache';

const INITIAL_MS = 1_000;
const MAX_MS = 15 * 60_000;
/** More than there are nodes with failing daemons; what is forgotten only starts at the beginning again. */
const MAX_ENTRIES = 10_000;

interface Entry {
  readonly backoffMs: number;
  readonly updatedAtMs: number;
}

/**
 * How long a failed daemon pod stays before it is replaced: a kubelet that refuses the pod would refuse the next one as
 * well. Starts at 1 s and doubles up to 15 minutes; twice that time without a failure starts it anew.
 */
export class FailedPodBackoff {
  private readonly clock: Clock;
  private readonly entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES });

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Milliseconds to wait; 0 when the pod may be replaced now, which counts as one more failure. */
  next(key: string): number {
    const now = this.clock.monotonicMs();
    const known = this.entries.get(key);
    const elapsed = known ? now - known.updatedAtMs : Infinity;
    if (known && elapsed < known.backoffMs) return known.backoffMs - elapsed;
    const backoffMs = known && elapsed <= 2 * MAX_MS ? Math.min(known.backoffMs * 2, MAX_MS) : INITIAL_MS;
    this.entries.set(key, { backoffMs, updatedAtMs: now });
    return 0;
  }
}
