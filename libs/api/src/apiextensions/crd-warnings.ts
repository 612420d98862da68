import {
  isKnownFormat,
  itemsOf,
  propertiesOf,
  valuesOf,
  type JsonSchema,
  type FieldPath,
} from '@pilothouse/apimachinery';
import type { CustomResourceDefinition } from '../generated/types.ts';
import { placedSchemas } from './hoisted.ts';

/** Formats that mean nothing, which the author may not know. */
export function crdWarnings(crd: CustomResourceDefinition): string[] {
  return placedSchemas(crd).flatMap(({ schema, path }) => formatWarnings(schema as JsonSchema, path));
}

function formatWarnings(schema: JsonSchema, path: FieldPath): string[] {
  const warnings: string[] = [];
  if (schema.format && !isKnownFormat(schema.format)) {
    warnings.push(`${path.child('format').text}: unrecognized format ${JSON.stringify(schema.format)}`);
  }
  const [items, values] = [itemsOf(schema), valuesOf(schema)];
  if (items) warnings.push(...formatWarnings(items, path.child('items')));
  if (values) warnings.push(...formatWarnings(values, path.child('additionalProperties')));
  for (const [name, property] of propertiesOf(schema))
    warnings.push(...formatWarnings(property, path.child('properties').key(name)));
  return warnings;
}
