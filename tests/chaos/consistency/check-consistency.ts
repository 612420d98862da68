import { staleReads } from './check-reads.ts';
import { watchDifferences } from './check-watches.ts';
import { lostWrites, phantomWrites, withDeletions } from './check-writes.ts';
import type { Operation, WatchSegment } from './operation.ts';
import type { StoreHistory } from './store-history.ts';

/** Everything that was promised and not kept, in words; empty when the servers behaved as one. */
export function checkConsistency(
  recorded: readonly Operation[],
  segments: readonly WatchSegment[],
  history: StoreHistory,
): string[] {
  const operations = withDeletions(recorded, history);
  const seen = segments.flatMap(({ events }) => events);
  return [
    ...history.gaps(),
    ...lostWrites(operations, history),
    ...phantomWrites(operations, seen),
    ...staleReads(operations, history),
    ...watchDifferences(segments, history),
  ];
}
