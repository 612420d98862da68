import type { ListSchema, MapSchema, ObjectSchema, Property, Schema, SchemaCommon } from '../schema/schema.ts';
import { itemsOf, propertiesOf, valuesOf, type JsonSchema } from './json-schema.ts';

/** Value validations and annotations: published and checked as they stand. */
const VALUE_KEYWORDS = [
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'enum',
  'maxProperties',
  'minProperties',
  'allOf',
  'oneOf',
  'anyOf',
  'not',
  'externalDocs',
  'example',
] as const satisfies readonly (keyof JsonSchema)[];

/**
 * A CRD version's structural schema as the one `Schema` tree. Whatever the author says of `apiVersion`, `kind` and
 * `metadata`, they are those of every object; `objectMeta` is the schema of meta/v1 ObjectMeta.
 */
export function customResourceSchema(root: JsonSchema | undefined, objectMeta: ObjectSchema): ObjectSchema {
  const node = root ?? {};
  const schema = objectSchema(node, objectMeta, true);
  return { ...schema, type: 'object', hasTypeMeta: true, structural: true };
}

function schemaFromJsonSchema(node: JsonSchema, objectMeta: ObjectSchema): Schema {
  if (node['x-kubernetes-int-or-string'])
    return { type: 'intOrString', ...common(node), validations: validationsOf(node) };
  switch (node.type) {
    case 'object':
      return isMap(node)
        ? mapSchema(node, objectMeta)
        : objectSchema(node, objectMeta, node['x-kubernetes-embedded-resource'] === true);
    case 'array':
      return listSchema(node, objectMeta);
    case 'string':
    case 'boolean':
    case 'integer':
    case 'number':
      return { type: node.type, ...common(node), ...(node.format ? { format: node.format } : {}) };
    default:
      // Only with preserve-unknown-fields may a type be missing.
      return node.properties ? objectSchema(node, objectMeta, false) : { type: 'any', ...common(node) };
  }
}

/** A node has either properties or additionalProperties; validation sees to that. */
function isMap(node: JsonSchema): boolean {
  return (
    node.properties === undefined && node.additionalProperties !== undefined && node.additionalProperties !== false
  );
}

function objectSchema(node: JsonSchema, objectMeta: ObjectSchema, isResource: boolean): ObjectSchema {
  const properties = new Map<string, Property>();
  const required = new Set(node.required);
  for (const [name, child] of propertiesOf(node)) {
    if (isResource && TYPE_META.has(name)) continue;
    properties.set(name, property(name, child, required.has(name), objectMeta));
  }
  if (isResource) properties.set('metadata', { ...METADATA, schema: objectMeta });
  return {
    type: 'object',
    ...common(node),
    properties: new Map([...properties].sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(node['x-kubernetes-embedded-resource'] ? { embeddedResource: true } : {}),
    ...(node['x-kubernetes-map-type'] === 'atomic' ? { atomic: true } : {}),
  };
}

const TYPE_META = new Set(['apiVersion', 'kind']);
const METADATA = {
  name: 'metadata',
  description: "Standard object's metadata.",
  pointer: true,
  always: false,
  required: false,
} as const;

function property(name: string, node: JsonSchema, required: boolean, objectMeta: ObjectSchema): Property {
  return {
    name,
    schema: schemaFromJsonSchema(node, objectMeta),
    pointer: true,
    always: false,
    required,
    ...(node.description ? { description: node.description } : {}),
    ...(node.default === undefined || node.default === null ? {} : { default: node.default }),
  };
}

function mapSchema(node: JsonSchema, objectMeta: ObjectSchema): MapSchema {
  const values = valuesOf(node);
  return {
    type: 'map',
    ...common(node),
    // `additionalProperties: true` lets any value stand, but prunes what is below an object.
    values: values === undefined ? { type: 'any' } : schemaFromJsonSchema(values, objectMeta),
    mapType: node['x-kubernetes-map-type'] === 'atomic' ? 'atomic' : 'granular',
  };
}

function listSchema(node: JsonSchema, objectMeta: ObjectSchema): ListSchema {
  return {
    type: 'list',
    ...common(node),
    items: schemaFromJsonSchema(itemsOf(node) ?? {}, objectMeta),
    listType: (node['x-kubernetes-list-type'] ?? 'atomic') as ListSchema['listType'],
    ...(node['x-kubernetes-list-type'] === undefined ? { impliedType: true } : {}),
    listMapKeys: node['x-kubernetes-list-map-keys'] ?? [],
  };
}

function common(node: JsonSchema): SchemaCommon {
  const validations = validationsOf(node);
  const rules = node['x-kubernetes-validations'];
  return {
    ...(node.description ? { description: node.description } : {}),
    ...(node.nullable ? { nullable: true } : {}),
    ...(node['x-kubernetes-preserve-unknown-fields'] ? { preserveUnknownFields: true } : {}),
    ...(Object.keys(validations).length > 0 ? { validations } : {}),
    ...(rules?.length ? { rules: rules as SchemaCommon['rules'] & {} } : {}),
  };
}

function validationsOf(node: JsonSchema): Record<string, unknown> {
  const validations: Record<string, unknown> = {};
  for (const keyword of VALUE_KEYWORDS) if (node[keyword] !== undefined) validations[keyword] = node[keyword];
  return validations;
}
