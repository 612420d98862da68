import { isJsonObject } from '../deep/own-property.ts';
import type { ListSchema, Schema } from '../schema/schema.ts';
import { FieldSet } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { type FieldType, fieldType, isNamedField, itemElementOrUndefined, itemType, shapeOf } from './typing.ts';

/**
 * Every field that an object mentions: its leaves, the items of its lists, the entries of its maps. Fields of structs
 * are not listed for themselves unless they are empty.
 */
export function fieldsOf(schema: Schema, object: unknown): FieldSet {
  const set = new FieldSet();
  addFields({ schema }, object, set, false);
  return set;
}

/** The same with the fields of structs that lead to others: `withNamedFields(schema, fieldsOf(schema, object))`. */
export function namedFieldsOf(schema: Schema, object: unknown): FieldSet {
  const set = new FieldSet();
  addFields({ schema }, object, set, true);
  return set;
}

/** Adds what is below a list or map to its node. */
function addFields(type: FieldType, value: unknown, node: FieldSet, named: boolean): void {
  if (Array.isArray(value)) {
    if (type.schema?.type === 'list') addItems(type.schema, value, node, named);
  } else if (isJsonObject(value)) {
    for (const key in value) {
      if (value[key] === undefined) continue;
      const element = fieldElement(key);
      const leaf = addChild(fieldType(type, key), value[key], node, element, named);
      const member = leaf || isEmptyValue(value[key]) || !isNamedField(type, key);
      if (member || (named && node.children.has(element))) node.members.add(element);
    }
  }
}

/** True when the value is a leaf, which its parent then owns as a member. */
function addChild(type: FieldType, value: unknown, node: FieldSet, element: PathElement, named: boolean): boolean {
  if (shapeOf(type, value) === 'leaf') return true;
  const below = new FieldSet();
  addFields(type, value, below, named);
  node.attach(element, below);
  return false;
}

function addItems(schema: ListSchema, items: readonly unknown[], node: FieldSet, named: boolean): void {
  const byElement = new Map<PathElement, unknown>();
  const duplicates = new Set<PathElement>();
  for (const item of items) {
    const element = itemElementOrUndefined(schema, item);
    if (element === undefined) continue;
    if (byElement.has(element)) duplicates.add(element);
    byElement.set(element, item);
  }
  const type = itemType(schema.items);
  for (const [element, item] of byElement) {
    node.members.add(element);
    // Items with the same key can only be owned together, as one.
    if (!duplicates.has(element)) addChild(type, item, node, element, named);
  }
}

function isEmptyValue(value: unknown): boolean {
  if (value === null) return true;
  if (!isJsonObject(value)) return false;
  for (const key in value) if (value[key] !== undefined) return false;
  return true;
}
