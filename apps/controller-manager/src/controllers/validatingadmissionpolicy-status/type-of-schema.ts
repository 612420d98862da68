import type { Schema } from '@pilothouse/apimachinery';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  escapeName,
  INT,
  listOf,
  mapOf,
  STRING,
  TIMESTAMP,
  type Field,
  type ObjectType,
  type Type,
} from '@pilothouse/cel';

/** The type that an expression may take a value of the schema for, in full: a policy sees all of an object. */
export function typeOfSchema(schema: Schema, known = new Map<Schema, ObjectType>()): Type {
  switch (schema.type) {
    case 'object': {
      if (schema.preserveUnknownFields && schema.properties.size === 0) return DYN;
      return known.get(schema) ?? objectType(schema, known);
    }
    case 'map':
      return mapOf(STRING, typeOfSchema(schema.values, known));
    case 'list':
      return listOf(typeOfSchema(schema.items, known));
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
    case 'integer':
      return INT;
    case 'number':
      return DOUBLE;
    case 'bytes':
      return BYTES;
    case 'time':
    case 'microTime':
      return TIMESTAMP;
    case 'stringList':
      return listOf(STRING);
    default:
      return DYN;
  }
}

/** Known before its fields are: a schema may contain itself. */
function objectType(schema: Extract<Schema, { type: 'object' }>, known: Map<Schema, ObjectType>): ObjectType {
  const fields = new Map<string, Field>();
  const type: ObjectType = { kind: 'object', name: schema.name ?? 'object', fields };
  known.set(schema, type);
  for (const property of schema.properties.values()) {
    const name = escapeName(property.name);
    if (name !== undefined) fields.set(name, { type: typeOfSchema(property.schema, known), jsonName: property.name });
  }
  if (schema.hasTypeMeta || schema.structural) {
    for (const name of ['apiVersion', 'kind']) fields.set(name, { type: STRING, jsonName: name });
  }
  return type;
}
