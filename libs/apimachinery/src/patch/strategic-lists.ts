import { getOwn, isJsonObject } from '../deep/own-property.ts';
import type { Schema } from '../schema/schema.ts';
import { goFormat, goType } from './go-format.ts';
import { badRequest } from '../errors/status-error.ts';
import { unprocessablePatch } from './patch-error.ts';
import { DIRECTIVE, withoutDirectives } from './strategic-directives.ts';
import { mergeMaps } from './strategic-merge-patch.ts';

type Item = Readonly<Record<string, unknown>>;

/**
 * Merges a list of the patch into the current one: maps by their merge key, scalars as a set. `deletes`: the patch
 * lists scalars to take away. The order is the patch's, and the server's for what only the server has.
 */
export function mergeLists(
  items: Schema | undefined,
  mergeKey: string,
  current: readonly unknown[],
  patch: readonly unknown[],
  deletes: boolean,
): readonly unknown[] {
  if (current.length === 0 && patch.length === 0) return current;
  const kind = elementKind(current, patch);
  if (kind !== 'map') {
    if (deletes) {
      const deleted = new Set(patch);
      return current.filter((item) => !deleted.has(item));
    }
    const merged = [...new Set([...current, ...patch])];
    return inOrder(merged, patch, current, mergeKey, kind);
  }
  if (mergeKey === '') throw badRequest('cannot merge lists without merge key for type struct');

  const { base, additions } = applyItemDirectives(current as Item[], patch as Item[], mergeKey);
  const merged: unknown[] = [...base];
  const positions = new Map<unknown, number>();
  merged.forEach((item, position) => {
    const key = getOwn(item as Item, mergeKey);
    if (!positions.has(key)) positions.set(key, position);
  });
  for (const addition of additions) {
    const key = keyOf(addition, mergeKey);
    const at = positions.get(key);
    if (at !== undefined) merged[at] = mergeMaps(items, merged[at] as Item, addition);
    else positions.set(key, merged.push(withoutDirectives(addition)) - 1);
  }
  return inOrder(merged, additions, base, mergeKey, kind);
}

interface ElementOrder {
  readonly items: Schema | undefined;
  readonly strategy: string;
  readonly mergeKey: string;
  /** The value of `$setElementOrder`: all items, or all keys, in the order that the client wants. */
  readonly order: readonly unknown[];
  readonly current: readonly unknown[] | undefined;
  readonly wanted: readonly unknown[] | undefined;
}

/** The merged list in the order of `$setElementOrder`; undefined when neither side has the list. */
export function orderBySetElementOrder(given: ElementOrder): readonly unknown[] | undefined {
  const { items, strategy, mergeKey, order, current, wanted } = given;
  checkPatchOrder(wanted ?? [], order, mergeKey);
  if (current === undefined && wanted === undefined) return undefined;
  let merged = current ?? [];
  if (current === undefined) merged = withoutDirectives(wanted) as unknown[];
  else if (wanted !== undefined) {
    merged = strategy === 'merge' ? mergeLists(items, mergeKey, current, wanted, false) : wanted;
  }
  if (merged.length === 0) return merged;
  return inOrder(merged, order, current ?? [], mergeKey, elementKind(current ?? [], wanted ?? []));
}

/** The items of the patch must come in the order that `$setElementOrder` says, and all be in it. */
function checkPatchOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  const kept = mergeKey === '' ? patch : patch.filter((item) => !Object.hasOwn(asMap(item), DIRECTIVE));
  let next = 0;
  for (const element of order) {
    if (next === kept.length) break;
    if (identity(kept[next], mergeKey) === identity(element, mergeKey)) next++;
  }
  if (next === kept.length) return;
  throw badRequest(
    `The order in patch list:\n${goFormat(patch)}\n doesn't match $setElementOrder list:\n${goFormat(order)}\n`,
  );
}

/** Carries out `$patch: delete` and `$patch: replace` items; what is left of the patch merges. */
function applyItemDirectives(
  current: readonly Item[],
  patch: readonly Item[],
  mergeKey: string,
): { base: readonly Item[]; additions: readonly Item[] } {
  const deleted = new Set<unknown>();
  let replaces = false;
  const additions: Item[] = [];
  for (const item of patch) {
    const directive = getOwn(item, DIRECTIVE);
    if (directive === undefined) additions.push(item);
    else if (directive === 'delete') deleted.add(keyOf(item, mergeKey));
    else if (directive === 'replace') replaces = true;
    else if (directive === 'merge') throw badRequest('merging lists cannot yet be specified in the patch');
    else throw badRequest(`unknown patch type: ${goFormat(directive)} in map: ${goFormat(item)}`);
  }
  if (replaces) return { base: additions, additions: [] };
  const base = deleted.size === 0 ? current : current.filter((each) => !deleted.has(getOwn(each, mergeKey)));
  return { base, additions };
}

/**
 * Items named in `order` come in that order; those that only the server has keep the server's order and are woven in
 * before the first ordered item that stood behind them.
 */
function inOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  server: readonly unknown[],
  mergeKey: string,
  kind: ElementKind,
): unknown[] {
  const key = kind === 'map' ? mergeKey : '';
  const wantedRank = ranks(order, key);
  const serverRank = ranks(server, key);
  const rankIn = (rank: Map<unknown, number>, item: unknown) => rank.get(identity(item, key)) ?? -1;
  const ordered = merged
    .filter((item) => wantedRank.has(identity(item, key)))
    .sort((a, b) => rankIn(wantedRank, a) - rankIn(wantedRank, b));
  const serverOnly = merged
    .filter((item) => !wantedRank.has(identity(item, key)))
    .sort((a, b) => rankIn(serverRank, a) - rankIn(serverRank, b));

  const woven: unknown[] = [];
  let [i, j] = [0, 0];
  while (i < serverOnly.length || j < ordered.length) {
    if (j >= ordered.length) woven.push(serverOnly[i++]);
    else if (i >= serverOnly.length) woven.push(ordered[j++]);
    else {
      const [left, right] = [rankIn(serverRank, serverOnly[i]), rankIn(serverRank, ordered[j])];
      woven.push(left >= 0 && right >= 0 && left < right ? serverOnly[i++] : ordered[j++]);
    }
  }
  return woven;
}

function ranks(list: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const rank = new Map<unknown, number>();
  list.forEach((item, position) => {
    const id = identity(item, mergeKey);
    if (!rank.has(id)) rank.set(id, position);
  });
  return rank;
}

/** What tells an item of the list from the others: its merge key's value, or itself. */
function identity(item: unknown, mergeKey: string): unknown {
  return mergeKey === '' ? item : keyOf(asMap(item), mergeKey);
}

function keyOf(item: Item, mergeKey: string): unknown {
  if (Object.hasOwn(item, mergeKey)) return item[mergeKey];
  throw badRequest(`map: ${goFormat(item)} does not contain declared merge key: ${mergeKey}`);
}

function asMap(item: unknown): Item {
  if (isJsonObject(item)) return item;
  throw badRequest(`expected a map[string]interface {}, but received a ${goType(item)}`);
}

type ElementKind = 'map' | 'scalar';

/** All items of both lists must be of one type, and not lists. */
function elementKind(...lists: readonly (readonly unknown[])[]): ElementKind {
  let type: string | undefined;
  for (const item of lists.flat()) {
    if (Array.isArray(item)) throw unprocessablePatch('lists of lists are not supported');
    type ??= goType(item);
    if (goType(item) !== type) {
      throw badRequest(`list element types are not identical: ${goFormat(lists)}`);
    }
  }
  if (type === undefined) throw badRequest('no elements in any of the given slices');
  return type === 'map[string]interface {}' ? 'map' : 'scalar';
}
