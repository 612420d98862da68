import type { Resources } from '../registry/resources.ts';
import type { ApiRequest } from '../request.ts';
import type { PriorityLevel } from './priority-level.ts';
import type { WatchTracker } from './watch-tracker.ts';
import { listWidth, ONE_SEAT, writeWidth, type StoredSize, type Width } from './width.ts';

const WRITES = new Set(['create', 'update', 'patch', 'delete']);

/** How wide a request will be, by what is stored and who watches. */
export function estimateWidth(
  { info, query }: ApiRequest,
  level: PriorityLevel,
  resources: Resources,
  watches: WatchTracker,
): Width {
  if (!info.isResource) return ONE_SEAT;
  if (info.verb === 'list' || (info.verb === 'watch' && query.get('sendInitialEvents') === 'true')) {
    const stored = storedSize(resources, info.apiGroup, info.resource);
    return stored ? listWidth(info, query, stored, level.maxSeats) : ONE_SEAT;
  }
  if (WRITES.has(info.verb)) return writeWidth(watches.countFor(info), level.maxSeats);
  return ONE_SEAT;
}

/** Undefined for what is stored elsewhere, or not at all. */
function storedSize(resources: Resources, group: string, resource: string): StoredSize | undefined {
  const served = resources.find(group, resource);
  if (!served?.definition.verbs.includes('list')) return undefined;
  const { count, bytes } = served.registry.store;
  return { count, averageBytes: count === 0 ? 0 : bytes / count };
}
