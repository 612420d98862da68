import { managerKey, type Manager, type Managers } from './managed-fields.ts';

const MAX_UPDATE_MANAGERS = 10;
const BUCKET_NAME = 'ancient-changes';

/**
 * Keeps the list of managers short: beyond ten updaters, the oldest of each version are merged into one entry named
 * `ancient-changes`. Appliers are never merged.
 */
export function capUpdateManagers(managers: Managers): Managers {
  const updaters = [...managers].filter(([, manager]) => manager.operation === 'Update');
  if (updaters.length <= MAX_UPDATE_MANAGERS) return managers;
  updaters.sort(([keyA, a], [keyB, b]) => order(a.time ?? '', b.time ?? '') || order(keyA, keyB));

  const capped: Managers = new Map(managers);
  const firstOfVersion = new Map<string, string>();
  let count = updaters.length;
  for (const [key, manager] of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) break;
    const { apiVersion } = manager;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, key);
      continue;
    }
    const identity = { name: BUCKET_NAME, operation: 'Update', apiVersion, subresource: '' } as const;
    const bucketKey = managerKey(identity);
    const oldest = capped.get(bucketKey) ?? capped.get(first)!;
    if (!capped.has(bucketKey)) capped.delete(first);
    // The newer time of the two: what is merged is at most as old as that.
    const bucket: Manager = { ...identity, time: manager.time, fields: manager.fields.union(oldest.fields) };
    capped.delete(key);
    capped.set(bucketKey, bucket);
    count--;
  }
  return capped;
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
