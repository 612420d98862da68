import { isJsonObject } from '../deep/own-property.ts';
import type { ListSchema, Property, Schema } from '../schema/schema.ts';
import { keyElement, type PathElement, valueElement } from './path-element.ts';

/**
 * How server-side apply sees a value. A leaf is owned and replaced as a whole: a scalar, or an atomic list or map. A
 * list here is one whose items have an identity (a set, or a map by keys); a map is any granular object.
 */
export type Shape = 'leaf' | 'list' | 'map';

/**
 * The type of a value: its schema, and what the property that holds it says of its granularity. Without a schema the
 * type is deduced from the value: objects are granular, lists atomic, as upstream does for unknown fields of CRDs.
 */
export interface FieldType {
  readonly schema: Schema | undefined;
  readonly structType?: 'atomic' | 'granular' | undefined;
}

export const DEDUCED: FieldType = { schema: undefined };
const TYPE_META: FieldType = { schema: { type: 'string' } };

export function shapeOf({ schema, structType }: FieldType, value: unknown): Shape {
  switch (schema?.type) {
    case undefined:
    case 'any':
    case 'rawExtension':
    case 'fieldsV1':
      return isJsonObject(value) ? 'map' : 'leaf';
    case 'object':
      return (structType ?? (schema.atomic ? 'atomic' : 'granular')) === 'atomic' ? 'leaf' : 'map';
    case 'map':
      return schema.mapType === 'atomic' ? 'leaf' : 'map';
    case 'list':
      return schema.listType === 'atomic' ? 'leaf' : 'list';
    default:
      return 'leaf';
  }
}

/** The type of a map's entry, undefined when the schema does not have it. */
export function declaredField({ schema }: FieldType, key: string): FieldType | undefined {
  switch (schema?.type) {
    case 'object': {
      const property = schema.properties.get(key);
      if (property !== undefined) return propertyType(property);
      if (schema.hasTypeMeta && (key === 'apiVersion' || key === 'kind')) return TYPE_META;
      return schema.preserveUnknownFields ? DEDUCED : undefined;
    }
    case 'map':
      return itemType(schema.values);
    default:
      return DEDUCED;
  }
}

export const fieldType = (type: FieldType, key: string): FieldType => declaredField(type, key) ?? DEDUCED;

/** A field of a struct, as opposed to an entry of a map whose keys are free. */
export function isNamedField({ schema }: FieldType, key: string): boolean {
  if (schema?.type !== 'object') return false;
  return schema.properties.has(key) || (schema.hasTypeMeta === true && (key === 'apiVersion' || key === 'kind'));
}

// A Property is a FieldType by its own two fields: nothing to allocate on the way down.
const propertyType = (property: Property): FieldType => property;

const itemTypes = new WeakMap<Schema, FieldType>();

export function itemType(schema: Schema): FieldType {
  let type = itemTypes.get(schema);
  if (type === undefined) {
    type = { schema };
    itemTypes.set(schema, type);
  }
  return type;
}

/** What identifies an item of a set or of a list with keys. Throws in upstream's words when nothing does. */
export function itemElement(schema: ListSchema, item: unknown): PathElement {
  if (schema.listMapKeys.length === 0) {
    if (Array.isArray(item)) throw new Error('not supported: associative list with lists as elements');
    if (item === null) throw new Error("associative list without keys has an element that's an explicit null");
    if (typeof item === 'object') throw new Error("associative list without keys has an element that's a map type");
    return valueElement(item);
  }
  if (item === null || item === undefined) throw new Error('associative list with keys may not have a null element');
  if (!isJsonObject(item)) throw new Error('associative list with keys may not have non-map elements');
  const keys: [string, unknown][] = [];
  for (const name of sortedKeys(schema)) {
    const value = Object.hasOwn(item, name) ? item[name] : keyDefault(schema, name);
    if (value === undefined) {
      throw new Error(
        `associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`,
      );
    }
    keys.push([name, value]);
  }
  return keyElement(keys);
}

const sortedKeysOf = new WeakMap<ListSchema, readonly string[]>();

function sortedKeys(schema: ListSchema): readonly string[] {
  let keys = sortedKeysOf.get(schema);
  if (keys === undefined) {
    keys = schema.listMapKeys.toSorted();
    sortedKeysOf.set(schema, keys);
  }
  return keys;
}

/** An applied item may leave a key to its default: a port without protocol is the TCP one. */
function keyDefault({ items }: ListSchema, name: string): unknown {
  return items.type === 'object' ? items.properties.get(name)?.default : undefined;
}

/** The element of an item whose list is known to be valid; a lone malformed one is left out by its position. */
export function itemElementOrUndefined(schema: ListSchema, item: unknown): PathElement | undefined {
  try {
    return itemElement(schema, item);
  } catch {
    return undefined;
  }
}
