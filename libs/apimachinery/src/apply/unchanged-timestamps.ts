import { deepEqual } from '../deep/deep-equal.ts';
import type { KubeObject, ManagedFieldsEntry } from '../meta/object.ts';

/**
 * A write that changes nothing but the times in managed fields is no change: then the result is `old` itself, whose
 * resourceVersion stays. Otherwise it is `next`.
 */
export function withoutTimestampChanges<T extends KubeObject>(next: T, old: T): T {
  const [fields, oldFields] = [next.metadata?.managedFields ?? [], old.metadata?.managedFields ?? []];
  if (fields.length !== oldFields.length || fields.length === 0) return next;
  if (!fields.every((entry, i) => equalIgnoringTime(entry, oldFields[i]!))) return next;
  const sameTimes = {
    ...next,
    metadata: { ...next.metadata, managedFields: oldFields, resourceVersion: old.metadata?.resourceVersion },
  };
  return deepEqual(sameTimes, old) ? old : next;
}

function equalIgnoringTime({ time: _, ...a }: ManagedFieldsEntry, { time: __, ...b }: ManagedFieldsEntry): boolean {
  return deepEqual(a, b);
}
