import { deepEqual } from '../deep/deep-equal.ts';
import { getOwn, isJsonObject } from '../deep/own-property.ts';
import type { ListSchema, Schema } from '../schema/schema.ts';
import { FieldSet } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { addSubtree } from './subtree-fields.ts';
import { type FieldType, fieldType, itemElementOrUndefined, itemType, shapeOf } from './typing.ts';

/** How two objects of one type differ. No path is in more than one of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

export function compareObjects(schema: Schema, before: unknown, after: unknown): Comparison {
  const walk = new CompareWalk();
  walk.compare({ schema }, before, after);
  return walk;
}

/** The comparison without the given paths and all that is below them. */
export function excludeFields(comparison: Comparison, ignored: FieldSet | undefined): Comparison {
  if (ignored === undefined || ignored.isEmpty) return comparison;
  return {
    added: comparison.added.recursiveDifference(ignored),
    modified: comparison.modified.recursiveDifference(ignored),
    removed: comparison.removed.recursiveDifference(ignored),
  };
}

type JsonObject = Record<string, unknown>;

class CompareWalk implements Comparison {
  readonly added = new FieldSet();
  readonly modified = new FieldSet();
  readonly removed = new FieldSet();
  readonly #path: PathElement[] = [];

  /** Absent is undefined; null is a value. */
  compare(type: FieldType, before: unknown, after: unknown): void {
    if (before === after) return;
    if (before === undefined) return this.#whole(type, after, this.added);
    if (after === undefined) return this.#whole(type, before, this.removed);
    const shape = shapeOf(type, after);
    if (shapeOf(type, before) !== shape) {
      this.#below(type, before, undefined);
      this.#below(type, undefined, after);
      this.modified.insert(this.#path);
      return;
    }
    if (shape !== 'leaf' && !(isEmptyContainer(before) && isEmptyContainer(after))) this.#below(type, before, after);
    else if (!deepEqual(before, after)) this.modified.insert(this.#path);
  }

  /** A value that is only on one side. */
  #whole(type: FieldType, value: unknown, set: FieldSet): void {
    let parent = set;
    const last = this.#path.length - 1;
    for (let i = 0; i < last; i++) parent = parent.descend(this.#path[i]!);
    if (last >= 0) addSubtree(type, value, parent, this.#path[last]!);
  }

  #below(type: FieldType, before: unknown, after: unknown): void {
    if (type.schema?.type === 'list') this.#items(type.schema, asList(before), asList(after));
    else this.#entries(type, asObject(before), asObject(after));
  }

  #entries(type: FieldType, before: JsonObject | undefined, after: JsonObject | undefined): void {
    for (const key in before) this.#step(fieldElement(key), fieldType(type, key), before[key], getOwn(after, key));
    for (const key in after) {
      if (before === undefined || !Object.hasOwn(before, key)) {
        this.#step(fieldElement(key), fieldType(type, key), undefined, after[key]);
      }
    }
  }

  #items(schema: ListSchema, before: readonly unknown[], after: readonly unknown[]): void {
    const left = group(schema, before);
    const right = group(schema, after);
    const type = itemType(schema.items);
    for (const [element, items] of left) this.#item(type, element, items, right.get(element) ?? []);
    for (const [element, items] of right) if (!left.has(element)) this.#item(type, element, [], items);
  }

  /** Items that share an identity are compared, and owned, as one. */
  #item(type: FieldType, element: PathElement, before: readonly unknown[], after: readonly unknown[]): void {
    if (before.length <= 1 && after.length <= 1) this.#step(element, type, before[0], after[0]);
    else if (before.length === 0) this.added.insert([...this.#path, element]);
    else if (after.length === 0) this.removed.insert([...this.#path, element]);
    else if (!deepEqual(before, after)) {
      this.modified.insert([...this.#path, element]);
      if (after.length > 1) return;
      this.#path.push(element);
      this.#below(type, undefined, after[0]);
      this.#path.pop();
    }
  }

  #step(element: PathElement, type: FieldType, before: unknown, after: unknown): void {
    if (before === after) return;
    this.#path.push(element);
    this.compare(type, before, after);
    this.#path.pop();
  }
}

function group(schema: ListSchema, items: readonly unknown[]): Map<PathElement, unknown[]> {
  const groups = new Map<PathElement, unknown[]>();
  for (const item of items) {
    const element = itemElementOrUndefined(schema, item);
    if (element === undefined) continue;
    const same = groups.get(element);
    if (same === undefined) groups.set(element, [item]);
    else same.push(item);
  }
  return groups;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asObject = (value: unknown): JsonObject | undefined => (isJsonObject(value) ? value : undefined);

/** An empty list or map is a leaf, so that null, empty and absent stay different. */
function isEmptyContainer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  for (const _ in value) return false;
  return true;
}
