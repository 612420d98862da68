import { deepEqual } from '../deep/deep-equal.ts';
import { getOwn, isJsonObject } from '../deep/own-property.ts';
import type { JsonSchema } from './json-schema.ts';

/** The old item that is the same as a new one; undefined when there is none. */
export type OldItem = (item: unknown, at: number) => unknown;

/**
 * Which item of the list before is which of the list now: by keys in a list of type map, not at all in sets and in
 * lists declared atomic, and by position where the schema does not say.
 */
export function correlateItems(list: JsonSchema, old: readonly unknown[]): OldItem {
  switch (list['x-kubernetes-list-type']) {
    case 'map':
      return byKeys(list['x-kubernetes-list-map-keys'] ?? [], old);
    case undefined:
      return (_item, at) => old[at];
    default:
      return () => undefined;
  }
}

/** Keys may be left to their defaults, but those are filled in by now. */
export function byKeys(keys: readonly string[], old: readonly unknown[]): OldItem {
  return (item) => {
    if (!isJsonObject(item)) return undefined;
    return old.find(
      (each) => isJsonObject(each) && keys.every((key) => deepEqual(getOwn(each, key), getOwn(item, key))),
    );
  };
}
