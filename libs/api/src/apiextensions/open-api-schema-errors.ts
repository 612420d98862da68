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
import { ruleShapeErrors } from './rule-shape-errors.ts';

/** What is different in different parts of a schema. */
interface Region {
  /** Why there may be no defaults here. */
  readonly noDefaults?: string;
  readonly insideMeta: boolean;
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;
const META_FIELDS = new Set(['metadata', 'kind', 'apiVersion']);

/** Keywords that a CRD may not use, or not so. Upstream: ValidateCustomResourceDefinitionOpenAPISchema. */
export function openApiSchemaErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  return nodeErrors(schema, path, { insideMeta: false }, true);
}

function nodeErrors(schema: JsonSchema, path: FieldPath, region: Region, isRoot: boolean): FieldError[] {
  const errors = keywordErrors(schema, path, region);
  if (schema.uniqueItems) {
    errors.push(
      forbiddenField(
        path.child('uniqueItems'),
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined && additionalProperties !== true && propertiesOf(schema).length > 0) {
    errors.push(
      forbiddenField(path.child('additionalProperties'), 'additionalProperties and properties are mutual exclusive'),
    );
  }
  const values = valuesOf(schema);
  if (values) {
    const within = region.insideMeta
      ? { ...region, noDefaults: 'inside additionalProperties applying to object metadata' }
      : region;
    errors.push(...nodeErrors(values, path.child('additionalProperties'), within, false));
  }
  for (const [name, property] of propertiesOf(schema)) {
    const isMeta = (isRoot || schema['x-kubernetes-embedded-resource'] === true) && META_FIELDS.has(name);
    const within = isMeta
      ? { ...region, insideMeta: true, ...(isRoot ? { noDefaults: `in top-level ${name}` } : {}) }
      : region;
    errors.push(...nodeErrors(property, path.child('properties').key(name), within, false));
  }
  for (const [nested, at] of junctors(schema, path)) errors.push(...nodeErrors(nested, at, region, false));
  const items = itemsOf(schema);
  if (items) errors.push(...nodeErrors(items, path.child('items'), region, false));
  errors.push(...extensionErrors(schema, path), ...listTypeErrors(schema, path), ...ruleShapeErrors(schema, path));
  return errors;
}

function junctors(schema: JsonSchema, path: FieldPath): [JsonSchema, FieldPath][] {
  const list = (keyword: 'allOf' | 'oneOf' | 'anyOf'): [JsonSchema, FieldPath][] =>
    (schema[keyword] ?? []).map((each, at) => [each, path.child(keyword).index(at)]);
  const not: [JsonSchema, FieldPath][] = schema.not ? [[schema.not, path.child('not')]] : [];
  return [...not, ...list('allOf'), ...list('oneOf'), ...list('anyOf')];
}

function keywordErrors(schema: JsonSchema, path: FieldPath, { noDefaults, insideMeta }: Region): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type && !TYPES.includes(schema.type)) errors.push(notSupported(path.child('type'), schema.type, TYPES));
  if (schema.default !== undefined && noDefaults !== undefined)
    errors.push(forbiddenField(path.child('default'), `must not be set ${noDefaults}`));
  for (const keyword of UNSUPPORTED) {
    const value = schema[keyword];
    const isSet =
      typeof value === 'object'
        ? keyword === 'additionalItems' || Object.keys(value).length > 0
        : value !== undefined && value !== '';
    if (isSet) errors.push(forbiddenField(path.child(keyword), `${keyword} is not supported`));
  }
  if (schema.type === 'null')
    errors.push(forbiddenField(path.child('type'), 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(schema.items))
    errors.push(forbiddenField(path.child('items'), 'items must be a schema object and not an array'));
  if (insideMeta && schema['x-kubernetes-embedded-resource']) {
    errors.push(
      forbiddenField(path.child('x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'),
    );
  }
  return errors;
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
