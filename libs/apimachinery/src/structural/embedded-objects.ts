import { getOwn, isJsonObject } from '../deep/own-property.ts';
import { validateObjectMeta } from '../names/object-meta.ts';
import type { KubeObject } from '../meta/object.ts';
import type { Schema } from '../schema/schema.ts';
import { FieldError, FieldPath, invalidValue, required } from '../validation/field-error.ts';
import { nameIsPathSegment } from '../names/name-rule.ts';

/**
 * An embedded resource (`x-kubernetes-embedded-resource`) must say what it is and have valid metadata. Walks the object
 * along the schema; the path is undefined at the root. Upstream: apiextensions-apiserver/pkg/apiserver/schema/objectmeta.
 */
export function validateEmbeddedObjects(schema: Schema, value: unknown, path?: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (embeds(schema)) walk(schema, value, path, errors);
  return errors;
}

function walk(schema: Schema, value: unknown, path: FieldPath | undefined, errors: FieldError[]): void {
  switch (schema.type) {
    case 'object':
      if (!isJsonObject(value)) return;
      if (schema.embeddedResource && path) errors.push(...embeddedErrors(value, path));
      for (const property of schema.properties.values()) {
        const own = getOwn(value, property.name);
        if (own !== undefined && embeds(property.schema))
          walk(property.schema, own, new FieldPath(property.name, 'child', path), errors);
      }
      return;
    case 'map':
      if (isJsonObject(value))
        for (const key in value) walk(schema.values, value[key], new FieldPath(key, 'key', path), errors);
      return;
    case 'list':
      if (Array.isArray(value))
        value.forEach((item, at) => walk(schema.items, item, new FieldPath(at, 'index', path), errors));
      return;
    default:
      return;
  }
}

function embeddedErrors(value: Record<string, unknown>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['apiVersion', 'kind'] as const) {
    const own = getOwn(value, name);
    if (own === undefined || own === '') errors.push(required(path.child(name), 'must not be empty'));
    else if (typeof own !== 'string') errors.push(invalidValue(path.child(name), own, 'must be a string'));
    else if (name === 'apiVersion' && own.split('/').length > 2) {
      errors.push(invalidValue(path.child(name), own, `unexpected GroupVersion string: ${own}`));
    }
  }
  const metadata = getOwn(value, 'metadata');
  if (isJsonObject(metadata)) {
    // Where it would be created is not known here, nor is the kind's rule for names.
    const named = { metadata: { name: 'unnamed', ...metadata, namespace: undefined } } as KubeObject;
    const within = validateObjectMeta(named, false, nameIsPathSegment);
    errors.push(
      ...within.map((error) => new FieldError(error.type, `${path.text}.${error.field}`, error.badValue, error.detail)),
    );
  }
  return errors;
}

const known = new WeakMap<Schema, boolean>();

function embeds(schema: Schema): boolean {
  let answer = known.get(schema);
  if (answer === undefined) {
    answer = computeEmbeds(schema);
    known.set(schema, answer);
  }
  return answer;
}

function computeEmbeds(schema: Schema): boolean {
  if (schema.type === 'list') return embeds(schema.items);
  if (schema.type === 'map') return embeds(schema.values);
  if (schema.type !== 'object' || schema.name !== undefined) return false;
  return (
    schema.embeddedResource === true || [...schema.properties.values()].some((property) => embeds(property.schema))
  );
}
