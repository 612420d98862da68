import {
  forbiddenField,
  invalidValue,
  itemsOf,
  notSupported,
  propertiesOf,
  required,
  valuesOf,
  type FieldError,
  type FieldPath,
  type JsonSchema,
} from '@pilothouse/apimachinery';
import { listTypeErrors } from './list-type-errors.ts';
import type { RuleCheckNode } from './rule-checks.ts';
import { ruleShapeErrors } from './rule-shape-errors.ts';

/** What is different in different parts of a schema. */
interface Region {
  /** Why there may be no defaults here. */
  readonly noDefaults?: string;
  readonly insideMeta: boolean;
  /** The closest ancestor below which old values cannot be found, so that rules may not ask for them. */
  readonly uncorrelated?: FieldPath;
}

/** Errors of a part of a schema: all of those in rules come after all the others. */
interface Found {
  readonly errors: FieldError[];
  readonly ruleErrors: FieldError[];
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;
const META_FIELDS = new Set(['metadata', 'kind', 'apiVersion']);

/**
 * Keywords that a CRD may not use, or not so, and the rules of those parts that have no such fault. Without `rules` none
 * is looked at. Upstream: ValidateCustomResourceDefinitionOpenAPISchema.
 */
export function openApiSchemaErrors(schema: JsonSchema, path: FieldPath, rules?: RuleCheckNode): FieldError[] {
  const { errors, ruleErrors } = nodeErrors(schema, path, { insideMeta: false }, true, rules);
  return [...errors, ...ruleErrors];
}

function nodeErrors(
  schema: JsonSchema,
  path: FieldPath,
  region: Region,
  isRoot: boolean,
  rules: RuleCheckNode | undefined,
): Found {
  const errors = keywordErrors(schema, path, region);
  const ruleErrors: FieldError[] = [];
  const visit = (node: JsonSchema, at: FieldPath, within: Region, checks?: RuleCheckNode): void => {
    const found = nodeErrors(node, at, within, false, checks);
    errors.push(...found.errors);
    ruleErrors.push(...found.ruleErrors);
  };
  const values = valuesOf(schema);
  if (values) visit(values, path.child('additionalProperties'), valuesRegion(region), rules?.values());
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
  for (const [name, property] of propertiesOf(schema)) {
    const isMeta = (isRoot || schema['x-kubernetes-embedded-resource'] === true) && META_FIELDS.has(name);
    const within = {
      ...(isAtomic ? withoutOldValues(region, path) : region),
      ...(isMeta ? { insideMeta: true } : {}),
      ...(isMeta && isRoot ? { noDefaults: `in top-level ${name}` } : {}),
    };
    visit(property, path.child('properties').key(name), within, rules?.property(name));
  }
  for (const [nested, at] of junctors(schema, path)) visit(nested, at, region);
  for (const [name, definition] of Object.entries(schema.definitions ?? {}))
    visit(definition, path.child('definitions').key(name), region);
  const itemRegion = schema['x-kubernetes-list-type'] === 'map' ? region : withoutOldValues(region, path);
  const items = itemsOf(schema);
  if (items) visit(items, path.child('items'), itemRegion, rules?.items());
  if (Array.isArray(schema.items)) {
    (schema.items as JsonSchema[]).forEach((each, at) => visit(each, path.child('items').index(at), itemRegion));
  }
  for (const [name, dependency] of Object.entries(schema.dependencies ?? {}))
    if (!Array.isArray(dependency)) visit(dependency as JsonSchema, path.child('dependencies').key(name), region);
  errors.push(...extensionErrors(schema, path), ...listTypeErrors(schema, path), ...ruleShapeErrors(schema, path));
  // A faulty schema may not have the types that its rules were written for.
  if (errors.length === 0 && rules && schema['x-kubernetes-validations']?.length)
    ruleErrors.push(...rules.errors(path, region.uncorrelated));
  return { errors, ruleErrors };
}

function valuesRegion(region: Region): Region {
  return region.insideMeta
    ? { ...region, noDefaults: 'inside additionalProperties applying to object metadata' }
    : region;
}

const withoutOldValues = (region: Region, path: FieldPath): Region => ({
  ...region,
  uncorrelated: region.uncorrelated ?? path,
});

function junctors(schema: JsonSchema, path: FieldPath): [JsonSchema, FieldPath][] {
  const list = (keyword: 'allOf' | 'oneOf' | 'anyOf'): [JsonSchema, FieldPath][] =>
    (schema[keyword] ?? []).map((each, at) => [each, path.child(keyword).index(at)]);
  const not: [JsonSchema, FieldPath][] = schema.not ? [[schema.not, path.child('not')]] : [];
  return [...not, ...list('allOf'), ...list('oneOf'), ...list('anyOf')];
}

function keywordErrors(schema: JsonSchema, path: FieldPath, { noDefaults, insideMeta }: Region): FieldError[] {
  const errors: FieldError[] = [];
  const forbid = (keyword: string, detail: string): number => errors.push(forbiddenField(path.child(keyword), detail));
  if (schema.type && !TYPES.includes(schema.type)) errors.push(notSupported(path.child('type'), schema.type, TYPES));
  if (schema.default !== undefined && noDefaults !== undefined) forbid('default', `must not be set ${noDefaults}`);
  for (const keyword of UNSUPPORTED) if (isSet(schema, keyword)) forbid(keyword, `${keyword} is not supported`);
  if (schema.type === 'null') forbid('type', 'type cannot be set to null, use nullable as an alternative');
  if (Array.isArray(schema.items) && schema.items.length > 0)
    forbid('items', 'items must be a schema object and not an array');
  if (insideMeta && schema['x-kubernetes-embedded-resource'])
    forbid('x-kubernetes-embedded-resource', 'must not be used inside of resource meta');
  if (schema.uniqueItems)
    forbid('uniqueItems', 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic');
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined && additionalProperties !== true && propertiesOf(schema).length > 0)
    forbid('additionalProperties', 'additionalProperties and properties are mutual exclusive');
  return errors;
}

/** An empty map is as good as none, except that `dependencies` and `$ref` need only be there. */
function isSet(schema: JsonSchema, keyword: (typeof UNSUPPORTED)[number]): boolean {
  const value = schema[keyword];
  if (keyword === 'patternProperties' || keyword === 'definitions') return Object.keys(value ?? {}).length > 0;
  return keyword === 'id' ? Boolean(value) : value !== undefined;
}

const MAP_TYPES = ['atomic', 'granular'];

function extensionErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalidValue(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined && schema.type !== 'object') {
    const detail = 'must be object if x-kubernetes-map-type is specified';
    errors.push(
      schema.type ? invalidValue(path.child('type'), schema.type, detail) : required(path.child('type'), detail),
    );
  }
  if (mapType !== undefined && !MAP_TYPES.includes(mapType)) {
    errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, MAP_TYPES));
  }
  return errors;
}
