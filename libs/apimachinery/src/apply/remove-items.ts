import { isJsonObject, setOwn } from '../deep/own-property.ts';
import type { Schema } from '../schema/schema.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement } from './path-element.ts';
import { type FieldType, fieldType, itemElementOrUndefined, itemType, shapeOf } from './typing.ts';

/**
 * What is left of a list or map all of whose items were removed. While fields are being added back it counts as an
 * empty value that is there; `withoutEmptied` takes it out at the end.
 */
const EMPTIED: Record<string, never> = Object.freeze({});

/** The object without the fields and items of the set. What is not touched is shared with the original. */
export function removeItems<T>(schema: Schema, object: T, items: FieldSet): T {
  return remove({ schema }, object, items) as T;
}

function remove(type: FieldType, value: unknown, items: FieldSet): unknown {
  if (shapeOf(type, value) === 'leaf') return value;
  if (Array.isArray(value) && type.schema?.type === 'list') {
    const schema = type.schema;
    const kept: unknown[] = [];
    for (const item of value) {
      const element = itemElementOrUndefined(schema, item);
      if (element !== undefined && items.members.has(element)) continue;
      const below = element === undefined ? undefined : items.children.get(element);
      kept.push(below === undefined ? item : remove(itemType(schema.items), item, below));
    }
    if (kept.length === 0 && value.length > 0) return EMPTIED;
    return kept.length === value.length && kept.every((item, i) => item === value[i]) ? value : kept;
  }
  if (!isJsonObject(value)) return value;
  const kept: Record<string, unknown> = {};
  let [changed, size] = [false, 0];
  for (const key in value) {
    const element = fieldElement(key);
    if (items.members.has(element)) {
      changed = true;
      continue;
    }
    const below = items.children.get(element);
    const left = below === undefined ? value[key] : remove(fieldType(type, key), value[key], below);
    if (left !== value[key]) changed = true;
    setOwn(kept, key, left);
    size++;
  }
  if (!changed) return value;
  return size === 0 ? EMPTIED : kept;
}

/** Takes out what removal left empty, unless the set has it: then it stays as an empty list or map. */
export function withoutEmptied<T>(schema: Schema, object: T, kept: FieldSet): T {
  return strip({ schema }, object, kept) as T;
}

function strip(type: FieldType, value: unknown, kept: FieldSet | undefined): unknown {
  if (shapeOf(type, value) === 'leaf') return value;
  if (Array.isArray(value) && type.schema?.type === 'list') {
    const { schema } = type;
    const items = value.map((item) => {
      const element = kept && itemElementOrUndefined(schema, item);
      return strip(itemType(schema.items), item, element === undefined ? undefined : kept?.children.get(element));
    });
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  if (!isJsonObject(value) || value === EMPTIED) return value;
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const element = fieldElement(key);
    const below = fieldType(type, key);
    const stays = value[key] !== EMPTIED || kept?.members.has(element);
    const left = value[key] === EMPTIED ? emptyOf(below) : strip(below, value[key], kept?.children.get(element));
    if (stays && left === value[key]) continue;
    copy ??= { ...value };
    if (stays) setOwn(copy, key, left);
    else Reflect.deleteProperty(copy, key);
  }
  return copy ?? value;
}

const emptyOf = ({ schema }: FieldType): unknown => (schema?.type === 'list' ? [] : {});

/** Only the fields and items of the set: what one manager applied, taken out of an object. Undefined when nothing is. */
export function extractItems(schema: Schema, object: unknown, items: FieldSet): unknown {
  return extract({ schema }, object, items);
}

function extract(type: FieldType, value: unknown, items: FieldSet): unknown {
  if (shapeOf(type, value) === 'leaf') return value;
  if (Array.isArray(value) && type.schema?.type === 'list') {
    const schema = type.schema;
    const kept: unknown[] = [];
    for (const item of value) {
      const element = itemElementOrUndefined(schema, item);
      if (element === undefined) continue;
      const below = items.children.get(element);
      if (below !== undefined) kept.push(extract(itemType(schema.items), item, below));
      else if (items.members.has(element)) kept.push(item);
    }
    return kept.length === 0 ? undefined : kept;
  }
  if (!isJsonObject(value)) return value;
  const kept: Record<string, unknown> = {};
  let size = 0;
  for (const key in value) {
    const element = fieldElement(key);
    const below = items.children.get(element);
    const member = items.members.has(element);
    if (!member && below === undefined) continue;
    const type2 = fieldType(type, key);
    const part =
      below === undefined
        ? shapeOf(type2, value[key]) === 'leaf'
          ? value[key]
          : {}
        : extract(type2, value[key], below);
    if (part === undefined) continue;
    setOwn(kept, key, part);
    size++;
  }
  return size === 0 ? undefined : kept;
}
