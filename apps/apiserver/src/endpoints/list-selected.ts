import type { ListOptions, ListResult, StoredObject } from '@pilothouse/storage';
import type { ServedResource } from '../registry/resources.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { Selection } from './selection.ts';

/** A list of what is selected. */
export async function listSelected(
  { registry: { store } }: ServedResource,
  served: ServedVersion,
  { filter, name, namespace }: Selection,
  options: Omit<ListOptions, 'filter' | 'unfiltered' | 'name'>,
): Promise<ListResult> {
  const where = {
    ...options,
    namespace: options.namespace || (namespace ?? ''),
    ...(name === undefined ? {} : { name }),
  };
  if (filter === undefined) return store.list({ ...where, unfiltered: true });
  if (served.version.remote === undefined) return store.list({ ...where, filter });
  return listConverted((each) => store.list({ ...where, filter: each }), served, filter);
}

/**
 * Where a webhook converts, an object can be judged only when the webhook has been asked. What the filter meets for the
 * first time is converted, all together, and the list is read again.
 */
async function listConverted(
  list: (filter: (stored: StoredObject) => boolean) => Promise<ListResult>,
  served: ServedVersion,
  filter: (stored: StoredObject) => boolean,
): Promise<ListResult> {
  const verdicts = new Map<string, boolean>();
  for (;;) {
    const met: StoredObject[] = [];
    const result = await list((stored) => {
      const verdict = verdicts.get(idOf(stored));
      if (verdict === undefined) met.push(stored);
      return verdict ?? false;
    });
    if (met.length === 0) return result;
    await served.prepare(met);
    for (const stored of met) verdicts.set(idOf(stored), filter(stored));
  }
}

const idOf = ({ key, revision }: StoredObject): string => `${key.namespace}/${key.name}@${revision}`;
