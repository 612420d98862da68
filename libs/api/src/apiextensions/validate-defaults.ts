import {
  deepEqual,
  invalidValue,
  isJsonObject,
  itemsOf,
  propertiesOf,
  pruneObject,
  sortedCopy,
  validateEmbeddedObjects,
  validateListTypes,
  ValueValidator,
  type FieldError,
  type FieldPath,
  type JsonSchema,
  type ObjectSchema,
  type Schema,
} from '@pilothouse/apimachinery';
import type { RuleChecks } from './rule-checks.ts';

/**
 * A default must itself be a valid value, by the rules too, and have no field that pruning would take away. Below
 * `additionalProperties` none is looked for. Upstream: apiserver/schema/defaulting, ValidateDefaults.
 */
export function validateDefaults(schema: Schema, node: JsonSchema, path: FieldPath, rules?: RuleChecks): FieldError[] {
  const errors: FieldError[] = [];
  const visit = (child: Schema, childNode: JsonSchema, at: FieldPath): void => {
    if (childNode.default !== undefined)
      errors.push(...defaultErrors(childNode.default, child, childNode, at.child('default'), rules));
    errors.push(...validateDefaults(child, childNode, at, rules));
  };
  const items = itemsOf(node);
  if (items && schema.type === 'list') visit(schema.items, items, path.child('items'));
  for (const [name, property] of propertiesOf(node)) {
    const child = schema.type === 'object' ? schema.properties.get(name)?.schema : undefined;
    // apiVersion, kind and metadata of a resource have schemas of their own.
    if (child === undefined || (child.type === 'object' && child.name !== undefined)) continue;
    visit(child, property, path.child('properties').key(name));
  }
  return errors;
}

function defaultErrors(
  value: unknown,
  schema: Schema,
  node: JsonSchema,
  path: FieldPath,
  rules: RuleChecks | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!deepEqual(pruned(value, schema), sortedCopy(value)))
    errors.push(invalidValue(path, value, 'must not have unknown fields'));
  const embedded = [...validateEmbeddedObjects(schema, value, path), ...validateListTypes(schema, value, path)];
  if (embedded.length > 0) return [...errors, ...embedded];
  const invalid = new ValueValidator(node).validate(value, path);
  if (invalid.length > 0) return [...errors, ...invalid];
  return [...errors, ...(rules?.valueErrors(schema, node, value, path) ?? [])];
}

/** The value as it would be stored, were it the only field of an object. */
function pruned(value: unknown, schema: Schema): unknown {
  const holder: ObjectSchema = {
    type: 'object',
    properties: new Map([['value', { name: 'value', schema, pointer: true, always: false, required: false }]]),
  };
  const { value: result = null } = pruneObject(holder, { value }).object;
  return isJsonObject(result) || Array.isArray(result) ? result : value;
}
