import { deepEqual } from '../deep/deep-equal.ts';
import { getOwn, isJsonObject, setOwn } from '../deep/own-property.ts';
import type { ListSchema, Schema } from '../schema/schema.ts';
import type { PathElement } from './path-element.ts';
import { type FieldType, fieldType, itemElementOrUndefined, itemType, shapeOf } from './typing.ts';

/**
 * The live object with the applied configuration laid over it. Removes nothing. Where the configuration changes
 * nothing the result is the live value itself, so a no-op is recognised by identity.
 */
export function mergeObjects<T>(schema: Schema, live: T, applied: unknown): T {
  return merge({ schema }, live, applied) as T;
}

type JsonObject = Record<string, unknown>;

function merge(type: FieldType, live: unknown, applied: unknown): unknown {
  if (applied === undefined || applied === live) return live;
  if (live === undefined) return applied;
  const shape = shapeOf(type, applied);
  if (shape !== shapeOf(type, live)) return applied;
  if (shape === 'leaf' || (isEmpty(live) && isEmpty(applied))) return deepEqual(live, applied) ? live : applied;
  if (isEmpty(applied)) return live;
  if (isEmpty(live)) return applied;
  if (type.schema?.type === 'list') return mergeList(type.schema, live as unknown[], applied as unknown[]);
  return mergeMap(type, live as JsonObject, applied as JsonObject);
}

function mergeMap(type: FieldType, live: JsonObject, applied: JsonObject): JsonObject {
  let merged = live;
  for (const key in applied) {
    const before = getOwn(live, key);
    const after = merge(fieldType(type, key), before, applied[key]);
    if (after === before) continue;
    if (merged === live) merged = { ...live };
    setOwn(merged, key, after);
  }
  return merged;
}

/**
 * Items in both lists take the order of the applied one, and what only the live list has keeps its place among them.
 */
function mergeList(schema: ListSchema, live: readonly unknown[], applied: readonly unknown[]): readonly unknown[] {
  const type = itemType(schema.items);
  const liveElements = live.map((item) => itemElementOrUndefined(schema, item));
  const appliedElements = applied.map((item) => itemElementOrUndefined(schema, item));
  const liveItems = uniqueItems(liveElements, live);
  const appliedItems = new Map(appliedElements.map((element, i) => [element, applied[i]]));
  const shared = appliedElements.filter((element) => liveItems.has(element));
  const done = new Set<PathElement | undefined>();
  const merged: unknown[] = [];
  const take = (element: PathElement | undefined) => {
    done.add(element);
    merged.push(merge(type, liveItems.get(element), appliedItems.get(element)));
  };

  let nextShared = 0;
  for (let l = 0, a = 0; l < live.length || a < applied.length;) {
    const liveElement = liveElements[l];
    if (l < live.length && a < applied.length) {
      if (liveElement === appliedElements[a]) {
        take(liveElement);
        l++;
        a++;
        nextShared++;
        continue;
      }
      if (appliedItems.has(liveElement) && nextShared < shared.length && shared[nextShared] !== liveElement) {
        l++; // Applied too, but its turn comes elsewhere.
        continue;
      }
    }
    if (l < live.length) {
      if (!appliedItems.has(liveElement)) {
        merged.push(live[l++]);
        continue;
      }
      if (done.has(liveElement)) l++;
    }
    if (a < applied.length) {
      const element = appliedElements[a++];
      take(element);
      if (shared[nextShared] === element) nextShared++;
    }
  }
  return merged.length === live.length && merged.every((item, i) => item === live[i]) ? live : merged;
}

/** Items by identity; of items that share one, none can be merged with. */
function uniqueItems(
  elements: readonly (PathElement | undefined)[],
  items: readonly unknown[],
): Map<PathElement | undefined, unknown> {
  const unique = new Map<PathElement | undefined, unknown>();
  elements.forEach((element, i) => unique.set(element, unique.has(element) ? undefined : items[i]));
  return unique;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (!isJsonObject(value)) return true;
  for (const _ in value) return false;
  return true;
}
