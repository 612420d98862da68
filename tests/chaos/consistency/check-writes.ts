import type { Operation, WatchedEvent, Write } from './operation.ts';
import type { StoreHistory } from './store-history.ts';

const isWrite = (operation: Operation): operation is Write => operation.kind !== 'get' && operation.kind !== 'list';

/** A deletion that was acknowledged has the revision at which the version it named was deleted. */
export function withDeletions(operations: readonly Operation[], history: StoreHistory): Operation[] {
  return operations.map((operation) => {
    if (operation.kind !== 'delete' || operation.outcome !== 'acknowledged' || operation.resourceVersion)
      return operation;
    const resourceVersion = history.deletionOf(operation.key, operation.precondition!);
    return resourceVersion === undefined ? operation : { ...operation, resourceVersion };
  });
}

/**
 * Acknowledged writes that did not happen as they were answered. Each must stand in the history at its resource version
 * and replace exactly the version it named, so that the writes of an object form one chain that nothing is missing from.
 */
export function lostWrites(operations: readonly Operation[], history: StoreHistory): string[] {
  return operations.filter(isWrite).flatMap((write) => {
    const { kind, key, outcome, resourceVersion, precondition } = write;
    if (outcome !== 'acknowledged') return [];
    const event = resourceVersion === undefined ? undefined : history.at(resourceVersion);
    if (!event || event.key !== key)
      return [`${describe(write)}: there is nothing of it at ${resourceVersion ?? 'any revision'}`];
    if (event.type !== (kind === 'delete' ? 'delete' : 'put')) return [`${describe(write)}: etcd has a ${event.type}`];
    if (kind === 'create' && event.previous !== undefined)
      return [`${describe(write)}: replaced ${event.previous}, though it was a create`];
    if (precondition !== undefined && event.previous !== precondition)
      return [`${describe(write)}: replaced ${event.previous ?? 'nothing'}, not ${precondition}`];
    return [];
  });
}

/**
 * Writes that happened more than once, though refused, or out of nowhere. `seen` are all events that a watch brought,
 * which tell of each version which write made it.
 */
export function phantomWrites(operations: readonly Operation[], seen: readonly WatchedEvent[]): string[] {
  const writes = new Map(operations.filter(isWrite).map((write) => [write.id, write]));
  const versions = new Map<number, Set<number>>();
  for (const { type, id, resourceVersion } of seen) {
    if (type === 'DELETED' || Number.isNaN(id)) continue;
    versions.set(id, (versions.get(id) ?? new Set()).add(resourceVersion));
  }
  return [...versions].flatMap(([id, revisions]) => {
    const write = writes.get(id);
    const where = [...revisions].join(' and ');
    if (!write) return [`a write ${id} that nobody made stands at ${where}`];
    if (revisions.size > 1) return [`${describe(write)}: happened at ${where}`];
    if (write.outcome === 'refused') return [`${describe(write)}: was refused and happened at ${where}`];
    if (write.outcome === 'acknowledged' && !revisions.has(write.resourceVersion!))
      return [`${describe(write)}: was answered with ${write.resourceVersion} and happened at ${where}`];
    return [];
  });
}

function describe({ client, kind, key, id }: Write): string {
  return `${client}: ${kind} ${id} of ${key}`;
}
