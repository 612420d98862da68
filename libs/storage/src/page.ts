import { encodeContinueToken, keyAfter } from './continue-token.ts';
import { pathOf } from './key-index.ts';
import type { ListOptions, ListResult } from './storage.ts';
import type { StoredVersion } from './stored-version.ts';

type Selection = Pick<ListOptions, 'namespace' | 'filter' | 'unfiltered'>;

/** Cuts one page out of all that is left of a list. */
export function pageOf(
  objects: readonly StoredVersion[],
  revision: number,
  limit: number,
  selection: Selection,
): ListResult {
  const { filter } = selection;
  const resourceVersion = String(revision);
  if (limit <= 0 || objects.length <= limit) {
    return { items: filter ? objects.filter(filter) : objects, resourceVersion };
  }
  const items: StoredVersion[] = [];
  for (const [index, object] of objects.entries()) {
    if (filter && !filter(object)) continue;
    items.push(object);
    const left = objects.length - index - 1;
    if (items.length === limit && left > 0) return { items, ...morePages(object, revision, left, selection) };
  }
  return { items, resourceVersion };
}

/** The end of a page behind which `left` objects follow. How many of them match is known only without a filter. */
export function morePages(
  last: StoredVersion,
  revision: number,
  left: number,
  { namespace, unfiltered }: Selection,
): Omit<ListResult, 'items'> {
  const path = namespace === '' ? pathOf(last.key) : last.key.name;
  return {
    resourceVersion: String(revision),
    continue: encodeContinueToken({ revision, start: keyAfter(path) }),
    ...(unfiltered ? { remainingItemCount: left } : {}),
  };
}
