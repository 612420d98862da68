import { deepEqual } from '../deep/deep-equal.ts';
import { forbiddenField, invalidValue, required, type FieldError, type FieldPath } from '../validation/field-error.ts';
import { goPattern } from './go-pattern.ts';
import { itemsOf, propertiesOf, valuesOf, type JsonSchema } from './json-schema.ts';

type Level = 'root' | 'item' | 'field';

/**
 * What keeps a schema from being structural: every field must have its type outside of the junctors, and value
 * validations below junctors may only speak of fields that are specified outside of them.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function structuralViolations(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors = [...invariants(schema, 'root', path), ...completeness(schema, path)];
  return errors
    .map((error) => ({ error, text: error.toString() }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ error }) => error);
}

function invariants(schema: JsonSchema, level: Level, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const items = itemsOf(schema);
  if (schema.type === 'array' && items === undefined) errors.push(required(path.child('items'), 'must be specified'));
  if (items) errors.push(...invariants(items, 'item', path.child('items')));
  for (const [name, property] of propertiesOf(schema)) {
    errors.push(...invariants(property, 'field', path.child('properties').key(name)));
  }
  if (schema.additionalProperties !== undefined) {
    if (level === 'root')
      errors.push(forbiddenField(path.child('additionalProperties'), 'must not be used at the root'));
    const values = valuesOf(schema);
    if (values) errors.push(...invariants(values, 'field', path.child('additionalProperties')));
  }
  errors.push(
    ...extensionErrors(schema, path),
    ...valueValidationErrors(schema, isIntOrStringAnyOf(schema), isIntOrStringAllOf(schema), level, path),
  );
  errors.push(...typeErrors(schema, level, path), ...metaErrors(schema, level, path));
  return errors;
}

const MISSING_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function typeErrors(schema: JsonSchema, level: Level, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const type = schema.type ?? '';
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (isEmbedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(path.child('type'), detail) : invalidValue(path.child('type'), type, detail));
  } else if (type === '' && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) {
    errors.push(required(path.child('type'), MISSING_TYPE[level]));
  }
  if (isEmbedded && schema.additionalProperties !== undefined) {
    errors.push(
      forbiddenField(path.child('additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'),
    );
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalidValue(path.child('type'), type, 'must be object at the root'));
  }
  return errors;
}

function extensionErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return [];
  return (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    .filter((extension) => schema[extension])
    .map((extension) =>
      invalidValue(path.child(extension), true, 'must be false if x-kubernetes-int-or-string is true'),
    );
}

/** apiVersion, kind and metadata are those of every object: a schema may restrict names at most. */
function metaErrors(schema: JsonSchema, level: Level, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isResource = level === 'root' || isEmbedded;
  const property = (name: string): JsonSchema | undefined => schema.properties?.[name];
  for (const name of ['kind', 'apiVersion']) {
    const own = property(name);
    if (own && isResource && own.type !== 'string') {
      errors.push(invalidValue(path.child('properties').key(name).child('type'), own.type ?? '', 'must be string'));
    }
  }
  const metadata = property('metadata');
  if (metadata && isResource && metadata.type !== 'object') {
    errors.push(
      invalidValue(path.child('properties').key('metadata').child('type'), metadata.type ?? '', 'must be object'),
    );
  }
  if (metadata && level === 'root' && saysMoreThanNames(metadata)) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbiddenField(path.child('properties').key('metadata'), detail));
  }
  if (isEmbedded && !schema['x-kubernetes-preserve-unknown-fields'] && propertiesOf(schema).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(path.child('properties'), detail));
  }
  return errors;
}

function saysMoreThanNames({
  type: _type,
  default: _default,
  description: _description,
  properties,
  ...rest
}: JsonSchema): boolean {
  const names = Object.keys(properties ?? {});
  return (
    Object.keys(rest).length > 0 ||
    _description !== undefined ||
    names.some((name) => name !== 'name' && name !== 'generateName')
  );
}

const INT_OR_STRING: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string' }];

const isIntOrStringAnyOf = ({ anyOf }: JsonSchema): boolean => anyOf?.length === 2 && deepEqual(anyOf, INT_OR_STRING);
const isIntOrStringAllOf = ({ allOf }: JsonSchema): boolean => allOf?.[0] !== undefined && isIntOrStringAnyOf(allOf[0]);

function valueValidationErrors(
  schema: JsonSchema,
  skipAnyOf: boolean,
  skipFirstAllOfAnyOf: boolean,
  level: Level,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!skipAnyOf) {
    (schema.anyOf ?? []).forEach((each, at) =>
      errors.push(...nestedErrors(each, false, level, path.child('anyOf').index(at))),
    );
  }
  (schema.allOf ?? []).forEach((each, at) => {
    errors.push(...nestedErrors(each, skipFirstAllOfAnyOf && at === 0, level, path.child('allOf').index(at)));
  });
  (schema.oneOf ?? []).forEach((each, at) =>
    errors.push(...nestedErrors(each, false, level, path.child('oneOf').index(at))),
  );
  if (schema.not) errors.push(...nestedErrors(schema.not, false, level, path.child('not')));
  if (schema.pattern) {
    try {
      goPattern(schema.pattern);
    } catch (error) {
      const detail = `must be a valid regular expression, but isn't: ${(error as Error).message}`;
      errors.push(invalidValue(path.child('pattern'), schema.pattern, detail));
    }
  }
  return errors;
}

/** What may not stand below a junctor, and why. */
const FORBIDDEN: readonly (readonly [keyword: keyof JsonSchema, detail: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function nestedErrors(schema: JsonSchema, skipAnyOf: boolean, level: Level, path: FieldPath): FieldError[] {
  const errors = valueValidationErrors(schema, skipAnyOf, false, level, path);
  const items = itemsOf(schema);
  if (items) errors.push(...nestedErrors(items, false, level, path.child('items')));
  for (const [name, property] of propertiesOf(schema)) {
    errors.push(...nestedErrors(property, false, 'field', path.child('properties').key(name)));
  }
  for (const [keyword, detail] of FORBIDDEN) {
    const value = schema[keyword];
    const isEmpty =
      value === undefined ||
      value === null ||
      value === '' ||
      value === false ||
      (Array.isArray(value) && value.length === 0);
    if (!isEmpty || (keyword === 'additionalProperties' && value === false))
      errors.push(forbiddenField(path.child(keyword), detail));
  }
  if (schema.properties?.metadata) {
    errors.push(forbiddenField(path.child('properties').key('metadata'), 'must not be specified in a nested context'));
  }
  return errors;
}

/** Every field and item that a junctor speaks of must be specified outside of it too. */
function completeness(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const below: [JsonSchema | undefined, FieldPath][] = [
    ...(schema.allOf ?? []).map((each, at): [JsonSchema, FieldPath] => [each, path.child('allOf').index(at)]),
    ...(schema.anyOf ?? []).map((each, at): [JsonSchema, FieldPath] => [each, path.child('anyOf').index(at)]),
    ...(schema.oneOf ?? []).map((each, at): [JsonSchema, FieldPath] => [each, path.child('oneOf').index(at)]),
    [schema.not, path.child('not')],
  ];
  for (const [nested, at] of below) if (nested) errors.push(...nestedCompleteness(nested, schema, at, path));
  const items = itemsOf(schema);
  if (items) errors.push(...completeness(items, path.child('items')));
  for (const [name, property] of propertiesOf(schema))
    errors.push(...completeness(property, path.child('properties').key(name)));
  const values = valuesOf(schema);
  if (values) errors.push(...completeness(values, path.child('additionalProperties')));
  return errors;
}

function nestedCompleteness(
  nested: JsonSchema,
  schema: JsonSchema | undefined,
  path: FieldPath,
  structuralPath: FieldPath,
): FieldError[] {
  if (schema === undefined) return [required(structuralPath, `because it is defined in ${path.text}`)];
  const errors: FieldError[] = [];
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    (nested[keyword] ?? []).forEach((each, at) =>
      errors.push(...nestedCompleteness(each, schema, path.child(keyword).index(at), structuralPath)),
    );
  }
  if (nested.not) errors.push(...nestedCompleteness(nested.not, schema, path.child('not'), structuralPath));
  const items = itemsOf(nested);
  if (items)
    errors.push(...nestedCompleteness(items, itemsOf(schema), path.child('items'), structuralPath.child('items')));
  for (const [name, property] of propertiesOf(nested)) {
    const at = structuralPath.child('properties').key(name);
    errors.push(...nestedCompleteness(property, schema.properties?.[name], path.child('properties').key(name), at));
  }
  return errors;
}
