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

/** A default must itself be a valid value, and have no field that pruning would take away. */
export function validateDefaults(schema: Schema, node: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, property] of propertiesOf(node)) {
    const child = schema.type === 'object' ? schema.properties.get(name)?.schema : undefined;
    // apiVersion, kind and metadata of a resource have schemas of their own.
    if (child === undefined || (child.type === 'object' && child.name !== undefined)) continue;
    const at = path.child('properties').key(name);
    if (property.default !== undefined)
      errors.push(...defaultErrors(property.default, child, property, at.child('default')));
    errors.push(...validateDefaults(child, property, at));
  }
  const items = itemsOf(node);
  if (items && schema.type === 'list') {
    if (items.default !== undefined)
      errors.push(...defaultErrors(items.default, schema.items, items, path.child('items', 'default')));
    errors.push(...validateDefaults(schema.items, items, path.child('items')));
  }
  return errors;
}

function defaultErrors(value: unknown, schema: Schema, node: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!deepEqual(pruned(value, schema), sortedCopy(value)))
    errors.push(invalidValue(path, value, 'must not have unknown fields'));
  const embedded = [...validateEmbeddedObjects(schema, value, path), ...validateListTypes(schema, value, path)];
  return [...errors, ...(embedded.length > 0 ? embedded : new ValueValidator(node).validate(value, path))];
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
