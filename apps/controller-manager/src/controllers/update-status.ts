import { deepEqual, isConflict, isNotFound, type KubeObject } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';

const TRIES = 3;

/**
 * Writes `status` when it differs from what the object has. On a conflict the object is read again and the status
 * computed before is written over it, as upstream's controllers do: the next reconcile corrects it if need be. Where
 * it could not (a status that counts on what it was), `overwrite: false` lets the conflict through.
 * Returns the object as it is now; the given one when it is gone.
 */
export async function updateStatus<T extends KubeObject & { status?: unknown }>(
  client: KubeClient,
  ref: ResourceRef<T>,
  object: T,
  status: NonNullable<T['status']>,
  { overwrite = true }: { readonly overwrite?: boolean } = {},
): Promise<T> {
  if (deepEqual(withoutUndefined(status), object.status)) return object;
  let current = object;
  for (let attempt = 1; ; attempt++) {
    try {
      return await client
        .resource(ref)
        .update({ ...current, status }, { namespace: namespaceOf(object), subresource: 'status' });
    } catch (error) {
      if (isNotFound(error)) return object;
      if (!isConflict(error) || !overwrite || attempt === TRIES) throw error;
      current = await client.resource(ref).get(object.metadata?.name ?? '', { namespace: namespaceOf(object) });
      if (current.metadata?.uid !== object.metadata?.uid) return object;
    }
  }
}

const namespaceOf = (object: KubeObject): string => object.metadata?.namespace ?? '';

/** Computed statuses leave out zeroes as the wire does; an undefined property is the same as none. */
function withoutUndefined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
