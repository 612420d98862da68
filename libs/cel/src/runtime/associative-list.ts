import type { Value } from './value.ts';

/** A list of a schema whose items have an identity: a set, or a list with keys. Equal whatever the order. */
export class AssociativeList extends Array<Value> {
  identity: (item: Value) => string = String;

  static ofItems(items: readonly Value[], identity: (item: Value) => string): AssociativeList {
    const list = new AssociativeList();
    for (const item of items) list.push(item);
    list.identity = identity;
    return list;
  }

  // Results of map and filter are ordinary lists.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** Upstream's `+`: items that are there already keep their place, and take the other's value. */
  merged(other: readonly Value[]): AssociativeList {
    const items = new Map<string, Value>();
    for (const item of this) items.set(this.identity(item), item);
    for (const item of other) items.set(this.identity(item), item);
    return AssociativeList.ofItems([...items.values()], this.identity);
  }
}
