import { getOwn, isJsonObject, setOwn } from '../deep/own-property.ts';
import type { JsonPatchOperation } from './json-patch.ts';

/**
 * A patched document as upstream's patch library writes it: what the patch went through comes with sorted keys, all
 * else as it was.
 */
export function sortMerged(document: unknown, patch: unknown): unknown {
  if (Array.isArray(document) && Array.isArray(patch)) return document.map((item, at) => sortMerged(item, patch[at]));
  if (!isJsonObject(document) || !isJsonObject(patch)) return document;
  return sorted(document, (key, value) => sortMerged(value, getOwn(patch, key)));
}

/** The same for the containers on the way of each operation. */
export function sortVisited(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  const ways = operations
    .flatMap(({ path, from }) => [path, from])
    .filter((pointer) => typeof pointer === 'string')
    .map((pointer) => pointer.split('/').slice(1, -1));
  return sortWays(document, ways);
}

function sortWays(document: unknown, ways: readonly (readonly string[])[]): unknown {
  const beyond = (key: string) => ways.filter(([step]) => step === key).map(([, ...rest]) => rest);
  if (ways.length === 0) return document;
  if (Array.isArray(document)) return document.map((item, at) => sortWays(item, beyond(String(at))));
  return isJsonObject(document) ? sorted(document, (key, value) => sortWays(value, beyond(key))) : document;
}

function sorted(
  object: Readonly<Record<string, unknown>>,
  sortValue: (key: string, value: unknown) => unknown,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object).sort()) setOwn(result, key, sortValue(key, object[key]));
  return result;
}
