import {
  forbiddenField,
  invalidValue,
  itemsOf,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
  type JsonSchema,
} from '@pilothouse/apimachinery';
import { internalItems } from './internal-form.ts';

const LIST_TYPES = ['atomic', 'set', 'map'];
const LIST_TYPE = 'x-kubernetes-list-type';
const KEYS = 'x-kubernetes-list-map-keys';

/** `x-kubernetes-list-type` and its keys: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy */
export function listTypeErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const listType = schema[LIST_TYPE];
  const items = itemsOf(schema);
  if (listType !== undefined && schema.type !== 'array') {
    const detail = 'must be array if x-kubernetes-list-type is specified';
    errors.push(
      schema.type ? invalidValue(path.child('type'), schema.type, detail) : required(path.child('type'), detail),
    );
  } else if (listType === 'set' && items) errors.push(...setItemErrors(items, path.child('items')));
  if (listType !== undefined && !LIST_TYPES.includes(listType))
    errors.push(notSupported(path.child(LIST_TYPE), listType, LIST_TYPES));
  if (schema[KEYS]?.length && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(
      listType === undefined
        ? required(path.child(LIST_TYPE), detail)
        : invalidValue(path.child(LIST_TYPE), listType, detail),
    );
  }
  if (listType === 'map') errors.push(...mapErrors(schema, items, path));
  return [...errors, ...identityErrors(schema, items, path)];
}

function setItemErrors(items: JsonSchema, path: FieldPath): FieldError[] {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const [listType, mapType] = [items[LIST_TYPE], items['x-kubernetes-map-type']];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    return [invalidValue(path.child(LIST_TYPE), listType, detail)];
  if (items.type === 'object' && mapType !== 'atomic')
    return [invalidValue(path.child('x-kubernetes-map-type'), listType ?? null, detail)];
  return [];
}

function mapErrors(schema: JsonSchema, items: JsonSchema | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const keys = schema[KEYS] ?? [];
  if (keys.length === 0) errors.push(required(path.child(KEYS), 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined)
    errors.push(required(path.child('items'), 'must have a schema if x-kubernetes-list-type is map'));
  if (Array.isArray(schema.items)) {
    const detail = 'must only have a single schema if x-kubernetes-list-type is map';
    errors.push(invalidValue(path.child('items'), internalItems(schema.items as readonly JsonSchema[]), detail));
  }
  if (items === undefined) return errors;
  if (items.type !== 'object') {
    errors.push(
      invalidValue(
        path.child('items', 'type'),
        items.type ?? '',
        `must be object if parent array's x-kubernetes-list-type is map`,
      ),
    );
    return errors;
  }
  keys.forEach((key, at) => {
    const property = items.properties?.[key];
    if (property === undefined)
      errors.push(invalidValue(path.child(KEYS), keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const detail = `must be a scalar type if parent array's x-kubernetes-list-type is map`;
      errors.push(invalidValue(path.child('items', 'properties').key(key).child('type'), items.type, detail));
    }
    if (keys.indexOf(key) < at) errors.push(invalidValue(path.child(KEYS), keys, 'must not contain duplicate entries'));
  });
  return errors;
}

/** What identifies an item must always be there. */
function identityErrors(schema: JsonSchema, items: JsonSchema | undefined, path: FieldPath): FieldError[] {
  const listType = schema[LIST_TYPE];
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  if (items.nullable) {
    errors.push(
      forbiddenField(path.child('items', 'nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`),
    );
  }
  if (listType === 'set') return errors;
  for (const key of schema[KEYS] ?? []) {
    const property = items.properties?.[key];
    if (property === undefined) continue;
    const at = path.child('items', 'properties').key(key);
    if (!items.required?.includes(key) && property.default === undefined) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(at.child('default'), detail));
    }
    if (property.nullable) {
      errors.push(
        forbiddenField(
          at.child('nullable'),
          'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
        ),
      );
    }
  }
  return errors;
}
