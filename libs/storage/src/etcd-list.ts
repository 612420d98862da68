import { prefixEnd } from '@pilothouse/etcd';
import type { KeyLayout } from './key-layout.ts';
import { morePages } from './page.ts';
import type { ListOptions, ListResult } from './storage.ts';
import type { StoreEtcd } from './transformed-etcd.ts';
import type { StoredVersion } from './stored-version.ts';
import type { WatchCache } from './watch-cache.ts';

const FIRST_PAGE = 500;
const LARGEST_PAGE = 10_000;

/**
 * A list as things were at a past revision, from etcd. Versions that are still the present ones come from the cache, with
 * all that was made of them. Throws EtcdCompacted.
 */
export async function listFromEtcd(
  etcd: StoreEtcd['kv'],
  layout: KeyLayout,
  cache: WatchCache,
  revision: number,
  start: string,
  limit: number,
  options: ListOptions,
): Promise<ListResult> {
  const prefix = layout.prefixOf(options.namespace);
  const items: StoredVersion[] = [];
  let key = prefix + start;
  // Few of a filtered page may match: read in ever larger steps, as upstream.
  let pageSize = limit > 0 && !options.filter ? limit : Math.max(limit, FIRST_PAGE);
  for (;;) {
    const page = await etcd.range({ key, rangeEnd: prefixEnd(prefix), revision, limit: pageSize });
    for (const [index, kv] of page.kvs.entries()) {
      const name = layout.nameOf(kv.key);
      if (!name || (options.name !== undefined && name.name !== options.name)) continue;
      const object = cache.versionOf(name, kv);
      if (options.filter && !options.filter(object)) continue;
      items.push(object);
      const left = page.count - index - 1;
      if (limit > 0 && items.length === limit && left > 0) {
        return { items, ...morePages(object, revision, left, options) };
      }
    }
    if (!page.more) return { items, resourceVersion: String(revision) };
    key = `${page.kvs.at(-1)!.key}\0`;
    pageSize = Math.min(pageSize * 2, LARGEST_PAGE);
  }
}
