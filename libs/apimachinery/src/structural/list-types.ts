import { getOwn, isJsonObject } from '../deep/own-property.ts';
import { sortedCopy } from './prune-object.ts';
import type { ListSchema, Schema } from '../schema/schema.ts';
import { duplicate, FieldPath, type FieldError } from '../validation/field-error.ts';

/**
 * Items of sets, and of lists with keys, must be different. Walks the object along the schema; the path is undefined at
 * the root. Upstream: apiextensions-apiserver/pkg/apiserver/schema/listtype.
 */
export function validateListTypes(schema: Schema, value: unknown, path?: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (hasListTypes(schema)) walk(schema, value, path, errors);
  return errors;
}

function walk(schema: Schema, value: unknown, path: FieldPath | undefined, errors: FieldError[]): void {
  if (typeof value !== 'object' || value === null) return;
  switch (schema.type) {
    case 'object':
      for (const property of schema.properties.values()) {
        if (!hasListTypes(property.schema)) continue;
        const own = getOwn(value as Record<string, unknown>, property.name);
        if (own !== undefined) walk(property.schema, own, new FieldPath(property.name, 'child', path), errors);
      }
      return;
    case 'map':
      for (const [key, own] of Object.entries(value)) walk(schema.values, own, new FieldPath(key, 'key', path), errors);
      return;
    case 'list':
      if (Array.isArray(value)) walkList(schema, value, path, errors);
      return;
    default:
      return;
  }
}

function walkList(
  schema: ListSchema,
  items: readonly unknown[],
  path: FieldPath | undefined,
  errors: FieldError[],
): void {
  if (schema.listType !== 'atomic') {
    const seen = new Set<string>();
    const reported = new Set<string>();
    items.forEach((item, at) => {
      const identity = schema.listType === 'map' ? keysOf(schema, item) : item;
      const text = JSON.stringify(sortedCopy(identity));
      if (seen.has(text) && !reported.has(text)) {
        errors.push(duplicate(new FieldPath(at, 'index', path), identity));
        reported.add(text);
      }
      seen.add(text);
    });
  }
  if (!hasListTypes(schema.items)) return;
  items.forEach((item, at) => walk(schema.items, item, new FieldPath(at, 'index', path), errors));
}

function keysOf(schema: ListSchema, item: unknown): Record<string, unknown> {
  const keys: Record<string, unknown> = {};
  if (!isJsonObject(item)) return keys;
  for (const key of schema.listMapKeys) {
    const value = getOwn(item, key);
    if (value !== undefined) keys[key] = value;
  }
  return keys;
}

const known = new WeakMap<Schema, boolean>();

/** Whether anything below the schema is a set or a list with keys; metadata has its own validation. */
function hasListTypes(schema: Schema): boolean {
  let answer = known.get(schema);
  if (answer === undefined) {
    answer = computeHasListTypes(schema);
    known.set(schema, answer);
  }
  return answer;
}

function computeHasListTypes(schema: Schema): boolean {
  switch (schema.type) {
    case 'object':
      return (
        schema.name === undefined && [...schema.properties.values()].some((property) => hasListTypes(property.schema))
      );
    case 'map':
      return hasListTypes(schema.values);
    case 'list':
      return schema.listType !== 'atomic' || hasListTypes(schema.items);
    default:
      return false;
  }
}
