import { isNotFound } from '@pilothouse/apimachinery';
import type { StoredObject } from '@pilothouse/storage';
import { keyOf } from '../registry/object-registry.ts';
import { admissionAttributes, deleteOptionsObject } from './admit.ts';
import { readDeleteOptions } from './delete-options.ts';
import { readListParameters } from './list-options.ts';
import { respondList } from './list.ts';
import { listSelected } from './list-selected.ts';
import { acceptObject } from './respond-object.ts';
import { readSelection } from './selection.ts';
import { writeContext, type Endpoint } from './target.ts';
import type { WriteServices } from './write-services.ts';

/** So many deletes of one request are under way at a time. */
const WORKERS = 16;

/**
 * DELETE of a collection: a list, then a delete of each, which is what admission is asked about, as it is now. What
 * somebody else deletes first is fine.
 */
export const deleteCollection =
  ({ admission }: WriteServices): Endpoint =>
  async (request, target) => {
    const { resource, served, key } = target;
    const accepted = acceptObject(request, served);
    const parameters = readListParameters(request.query);
    const selection = readSelection(served, request.query);
    const options = await readDeleteOptions(request);
    const context = writeContext(request, target, (options.dryRun ?? []).length > 0);
    const found = await listSelected(resource, served, selection, {
      namespace: key.namespace,
      resourceVersion: parameters.resourceVersion,
      limit: parameters.limit,
      ...(parameters.continue ? { continue: parameters.continue } : {}),
    });
    const deleteOptions = { options: deleteOptionsObject(options) };
    await eachOf(found.items, WORKERS, async (stored) => {
      const itemKey = keyOf(stored.object);
      try {
        await resource.registry.delete(itemKey, { ...options }, context, (_object, old) =>
          admission.admit(
            admissionAttributes(request, { ...target, key: itemKey }, 'DELETE', context, {
              ...deleteOptions,
              ...(old ? { oldObject: old } : {}),
            }),
          ),
        );
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    });
    await respondList(request, served, found, accepted);
  };

async function eachOf(items: readonly StoredObject[], workers: number, act: (item: StoredObject) => Promise<void>) {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.min(workers, items.length) }, async () => {
      for (const item of queue) await act(item);
    }),
  );
}
