import type { StoredEvent, StoredObject } from '@pilothouse/storage';
import type { ServedVersion } from '../registry/served-version.ts';
import type { Selection } from './selection.ts';

/**
 * What a watch sees of events where a webhook converts: selectors judge converted objects, so storage cannot select.
 * Each batch is converted in one call before it is judged. Rejects when the webhook fails.
 */
export async function convertedEvents(
  served: ServedVersion,
  events: readonly StoredEvent[],
  { filter }: Selection,
): Promise<readonly StoredEvent[]> {
  await served.prepare(events.flatMap((event) => objectsOf(event, filter !== undefined)));
  if (filter === undefined) return events;
  const seen = events
    .map((event) => (event.type === 'BOOKMARK' ? event : event.seenThrough(filter)))
    .filter((event) => event !== undefined);
  // An object that no longer matches is told as deleted, by what it was: that is another object than the one before.
  await served.prepare(seen.flatMap((event) => objectsOf(event, false)));
  return seen;
}

function objectsOf(event: StoredEvent, withPrevious: boolean): StoredObject[] {
  if (event.type === 'BOOKMARK') return [];
  return withPrevious && event.previous ? [event.object, event.previous] : [event.object];
}
