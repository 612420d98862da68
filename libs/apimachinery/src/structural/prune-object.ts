import { JsonDecodeError, normalizeObject } from '../codec/json.ts';
import { isJsonObject, setOwn } from '../deep/own-property.ts';
import type { ListSchema, MapSchema, ObjectSchema, Schema } from '../schema/schema.ts';

type JsonObject = Record<string, unknown>;

/**
 * The normal form of a custom resource: keys in alphabetical order, fields that the schema does not know left out (and
 * reported), nulls left out where the schema does not allow them, metadata as that of any object. The result shares
 * nothing with `value`. Throws JsonDecodeError when the metadata is not metadata.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
export function pruneObject(
  schema: ObjectSchema,
  value: JsonObject,
): { object: JsonObject; unknownFields: readonly string[] } {
  const walk = new PruneWalk();
  return { object: walk.object(schema, value), unknownFields: walk.unknownFields };
}

class PruneWalk {
  readonly unknownFields: string[] = [];
  private readonly path: (string | number)[] = [];

  object(schema: ObjectSchema, value: JsonObject): JsonObject {
    const result: JsonObject = {};
    const isResource = schema.hasTypeMeta === true || schema.embeddedResource === true;
    for (const key of sortedKeys(value)) {
      const own = value[key];
      const property = schema.properties.get(key);
      if (property !== undefined) {
        if (own === undefined || (own === null && !property.schema.nullable)) continue;
        this.path.push(key);
        setOwn(result, key, this.value(property.schema, own));
        this.path.pop();
      } else if (isResource && (key === 'apiVersion' || key === 'kind')) {
        if (own !== undefined) setOwn(result, key, this.typeMeta(schema, key, own));
      } else if (schema.preserveUnknownFields) {
        if (own !== undefined) setOwn(result, key, sortedCopy(own));
      } else {
        this.unknownFields.push(this.pathText(key));
      }
    }
    return result;
  }

  private value(schema: Schema, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    switch (schema.type) {
      case 'object':
        if (schema.name !== undefined) return this.metadata(schema, value);
        return Array.isArray(value) ? sortedCopy(value) : this.object(schema, value as JsonObject);
      case 'map':
        return Array.isArray(value) ? sortedCopy(value) : this.map(schema, value as JsonObject);
      case 'list':
        return Array.isArray(value) ? this.list(schema, value) : sortedCopy(value);
      case 'any':
        return schema.preserveUnknownFields ? sortedCopy(value) : this.untyped(value);
      default:
        return sortedCopy(value);
    }
  }

  private metadata(schema: ObjectSchema, value: unknown): unknown {
    if (!isJsonObject(value)) {
      throw new JsonDecodeError('json: cannot unmarshal array into Go value of type v1.ObjectMeta');
    }
    const { object, unknownFields } = normalizeObject(schema, value);
    for (const field of unknownFields) this.unknownFields.push(this.pathText(field));
    return sortedCopy(object);
  }

  private typeMeta(schema: ObjectSchema, key: string, value: unknown): unknown {
    if (typeof value !== 'string' && schema.hasTypeMeta) {
      throw new JsonDecodeError(
        `json: cannot unmarshal ${typeof value} into Go struct field TypeMeta.${key} of type string`,
      );
    }
    return sortedCopy(value);
  }

  private map(schema: MapSchema, value: JsonObject): JsonObject {
    const result: JsonObject = {};
    for (const key of sortedKeys(value)) {
      const own = value[key];
      if (own === undefined || (own === null && !schema.values.nullable && schema.values.type !== 'any')) continue;
      this.path.push(key);
      setOwn(result, key, this.value(schema.values, own));
      this.path.pop();
    }
    return result;
  }

  private list(schema: ListSchema, value: readonly unknown[]): unknown[] {
    return value.map((item, at) => {
      this.path.push(at);
      const result = this.value(schema.items, item);
      this.path.pop();
      return result;
    });
  }

  /** Below a value that has no schema at all nothing is known: objects are emptied. */
  private untyped(value: object): unknown {
    if (Array.isArray(value)) {
      return value.map((item: unknown) => (typeof item === 'object' && item !== null ? this.untyped(item) : item));
    }
    for (const key in value) this.unknownFields.push(this.pathText(key));
    return {};
  }

  private pathText(name: string): string {
    let text = '';
    for (const step of this.path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
    return text === '' ? name : `${text}.${name}`;
  }
}

/** A copy with all keys in alphabetical order, at every depth. */
export function sortedCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedCopy);
  const copy: JsonObject = {};
  for (const key of sortedKeys(value as JsonObject)) {
    const own = (value as JsonObject)[key];
    if (own !== undefined) setOwn(copy, key, sortedCopy(own));
  }
  return copy;
}

/** What comes from the store is sorted already, which is cheaper to see than to sort. */
function sortedKeys(value: JsonObject): string[] {
  const keys = Object.keys(value);
  for (let at = 1; at < keys.length; at++) if (keys[at]! < keys[at - 1]!) return keys.sort();
  return keys;
}
