import { valuesOf, type JsonSchema } from './json-schema.ts';

/** What a structural schema has no place for, in the order in which upstream looks, with its name for it. */
const UNSUPPORTED: readonly (readonly [keyword: keyof JsonSchema, name: string])[] = [
  ['id', 'id'],
  ['$schema', 'schema'],
  ['$ref', '$ref'],
  ['patternProperties', 'patternProperties'],
  ['dependencies', 'dependencies'],
  ['additionalItems', 'additionalItems'],
  ['definitions', 'definitions'],
];

/**
 * Why a schema cannot be put into structural form at all, undefined when it can. What cannot is not looked at for its
 * structure, its defaults and its rules. Upstream: apiextensions-apiserver/pkg/apiserver/schema, NewStructural.
 */
export function unconvertibleSchema(schema: JsonSchema): string | undefined {
  for (const [keyword, name] of UNSUPPORTED) {
    if (isSet(keyword, schema[keyword])) return `OpenAPIV3Schema '${name}' is not supported`;
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    return `internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined`;
  if (Array.isArray(schema.items)) return `OpenAPIV3Schema 'items' must be a schema, but is an array`;
  const below = [
    schema.not,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    valuesOf(schema),
    schema.items as JsonSchema | undefined,
    ...Object.values(schema.properties ?? {}),
  ];
  for (const each of below) {
    const reason = each && unconvertibleSchema(each);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function isSet(keyword: keyof JsonSchema, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return keyword === 'additionalItems' || typeof value !== 'object' || Object.keys(value).length > 0;
}
