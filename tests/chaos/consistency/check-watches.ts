import type { WatchSegment } from './operation.ts';
import type { StoreEvent, StoreHistory } from './store-history.ts';

/** Where a watch is not exactly the store's history: the same changes, each once, in the same order, none left out. */
export function watchDifferences(segments: readonly WatchSegment[], history: StoreHistory): string[] {
  return segments.flatMap(({ watcher, from, events }) => {
    const last = events.at(-1);
    if (!last) return [];
    const begin = Math.max(from, history.from);
    const watched = events.filter(({ resourceVersion }) => resourceVersion > begin);
    const expected = history.events.filter(({ revision }) => revision > begin && revision <= last.resourceVersion);
    const length = Math.max(watched.length, expected.length);
    for (let index = 0; index < length; index++) {
      const [got, wanted] = [watched[index], expected[index]];
      const [is, should] = [
        got ? `${got.type} ${got.key} at ${got.resourceVersion}` : 'nothing',
        wanted ? `${typeOf(wanted)} ${wanted.key} at ${wanted.revision}` : 'nothing',
      ];
      // Everything after the first difference differs too.
      if (is !== should) return [`${watcher}: event ${index} after ${begin} is ${is}, should be ${should}`];
    }
    return [];
  });
}

function typeOf({ type, previous }: StoreEvent): string {
  if (type === 'delete') return 'DELETED';
  return previous === undefined ? 'ADDED' : 'MODIFIED';
}
