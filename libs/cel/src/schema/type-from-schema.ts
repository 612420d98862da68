import type { ListSchema, MapSchema, ObjectSchema, ScalarSchema, Schema } from '@pilothouse/apimachinery';
import { MAX_REQUEST_BYTES } from '../checker/estimate-cost.ts';
import { BOOL, DOUBLE, INT, STRING, type Field, type ObjectType, type Type } from '../types/type.ts';
import { withIdentity } from './json-value.ts';
import { escapeName } from './escape-name.ts';

/** A type, and how few bytes its value takes in JSON: what cannot be bounded otherwise is bounded by the request. */
export interface SizedType {
  readonly type: Type;
  readonly minBytes: number;
}

/** Two braces; a comma, a colon and two quotes come with each key. */
const MIN_OBJECT_BYTES = 2;
const KEY_BYTES = 6;

/**
 * The type that expressions see of a schema; undefined for what they cannot see (fields without a type). `name` is what
 * messages call it. Of a resource's metadata only the names are visible, as upstream has it.
 */
export function typeFromSchema(schema: Schema, name: string, isResource = false): SizedType | undefined {
  switch (schema.type) {
    case 'object':
      return objectType(schema, name, isResource || schema.embeddedResource === true);
    case 'map':
      return mapType(schema, name);
    case 'list':
      return listType(schema, name);
    case 'boolean':
      return { type: BOOL, minBytes: 4 };
    case 'integer':
      return { type: INT, minBytes: 1 };
    case 'number':
      return { type: DOUBLE, minBytes: 1 };
    case 'string':
      return stringType(schema);
    case 'intOrString':
      return { type: { kind: 'dyn', maxSize: validation(schema, 'maxLength') ?? MAX_REQUEST_BYTES - 2 }, minBytes: 1 };
    default:
      return undefined;
  }
}

function objectType(schema: ObjectSchema, name: string, isResource: boolean): SizedType {
  const fields = new Map<string, Field>();
  let minBytes = MIN_OBJECT_BYTES;
  for (const { name: jsonName, schema: child, required, default: given } of schema.properties.values()) {
    const escaped = escapeName(jsonName);
    const field =
      isResource && jsonName === 'metadata'
        ? { type: METADATA, minBytes: MIN_OBJECT_BYTES }
        : typeFromSchema(child, `${name}.${jsonName}`);
    if (escaped === undefined || field === undefined) continue;
    fields.set(escaped, { type: field.type, jsonName });
    if (required && given === undefined) minBytes += jsonName.length + field.minBytes + 4;
  }
  if (isResource) {
    for (const jsonName of ['apiVersion', 'kind']) fields.set(jsonName, { type: STRING, jsonName });
    if (!fields.has('metadata')) fields.set('metadata', { type: METADATA, jsonName: 'metadata' });
  }
  const type: ObjectType = { kind: 'object', name, fields };
  return { type, minBytes };
}

const NAME: Type = { kind: 'string', maxSize: 253 };
const METADATA: ObjectType = {
  kind: 'object',
  name: 'object.metadata',
  fields: new Map([
    ['name', { type: NAME, jsonName: 'name' }],
    ['generateName', { type: NAME, jsonName: 'generateName' }],
  ]),
};

function mapType(schema: MapSchema, name: string): SizedType | undefined {
  const values = typeFromSchema(schema.values, `${name}.@values`);
  if (values === undefined) return undefined;
  const maxSize =
    validation(schema, 'maxProperties') ?? Math.floor((MAX_REQUEST_BYTES - 2) / (values.minBytes + KEY_BYTES));
  return {
    type: { kind: 'map', key: { kind: 'string', maxSize: 0 }, value: values.type, maxSize },
    minBytes: MIN_OBJECT_BYTES,
  };
}

function listType(schema: ListSchema, name: string): SizedType | undefined {
  const items = typeFromSchema(schema.items, `${name}.@items`);
  if (items === undefined) return undefined;
  const maxSize = validation(schema, 'maxItems') ?? Math.floor((MAX_REQUEST_BYTES - 2) / (items.minBytes + 1));
  const type: Type = { kind: 'list', element: items.type, maxSize };
  if (schema.listType === 'set') withIdentity(type, undefined);
  if (schema.listType === 'map')
    withIdentity(
      type,
      schema.listMapKeys.map((key) => escapeName(key) ?? key),
    );
  return { type, minBytes: 2 };
}

/** Upstream counts four bytes a character. */
const BYTES_PER_CHARACTER = 4;

function stringType(schema: ScalarSchema): SizedType {
  const maxLength = validation(schema, 'maxLength');
  switch (schema.format) {
    case 'byte':
      return { type: { kind: 'bytes', maxSize: maxLength ?? MAX_REQUEST_BYTES - 2 }, minBytes: 2 };
    case 'duration':
      return { type: { kind: 'duration', maxSize: 32 }, minBytes: 3 };
    case 'date':
    case 'date-time':
      return { type: { kind: 'timestamp', maxSize: 34 }, minBytes: 12 };
    default: {
      const values = schema.validations?.enum as readonly unknown[] | undefined;
      const longest = values?.length ? Math.max(...values.map((value) => String(value).length)) : undefined;
      const maxSize = maxLength === undefined ? (longest ?? MAX_REQUEST_BYTES - 2) : maxLength * BYTES_PER_CHARACTER;
      return { type: { kind: 'string', maxSize }, minBytes: 2 };
    }
  }
}

function validation(schema: Schema, keyword: string): number | undefined {
  return schema.validations?.[keyword] as number | undefined;
}
