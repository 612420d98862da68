import type { KubeObject } from '@pilothouse/apimachinery';

/**
 * Drops what no controller reads but what is often half of an object; upstream's controller manager and scheduler do
 * the same. The server keeps the managed fields of an object that is written back without any.
 */
export function trimManagedFields<T extends KubeObject>(object: T): T {
  if (!object.metadata?.managedFields) return object;
  // Rebuilt rather than deleted from: an object with a deleted property is slow and large in V8.
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
