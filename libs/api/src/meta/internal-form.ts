import type { ObjectSchema, Property, Schema } from '@pilothouse/apimachinery';
import { messageSchema } from '../schemas.ts';
import { goName } from './go-name.ts';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1.';
const CORE = 'k8s.io.api.core.v1.';
const POD_SPEC = `${CORE}PodSpec`;

/** Fields that stand elsewhere in the internal type than in the versioned one: behind which other field. */
const MOVED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [POD_SPEC]: { setHostnameAsFQDN: 'subdomain', preemptionPolicy: 'priority', overhead: 'runtimeClassName' },
  [`${CORE}PodSecurityContext`]: { fsGroupChangePolicy: 'fsGroup' },
  [`${CORE}Volume`]: { quobyte: 'rbd' },
};

/** What the versioned PodSpec has itself and the internal one in its security context. */
const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];
const NOT_IN_POD_SPEC: ReadonlySet<string> = new Set([...HOST_FIELDS, 'serviceAccount']);

/**
 * A bad value as upstream's messages show it when it is of an internal type, which has no JSON names: every field under
 * its name in Go, in the order of declaration, what is not set as null, zero or the empty text. What the internal types
 * share with the API (all of meta/v1, quantities, times) looks as it does on the wire.
 */
export function internalForm(message: string, value: object | null | undefined): object | null {
  return value ? internalObject(messageSchema(`k8s.io.api.${message}`), value) : null;
}

function internalObject(schema: ObjectSchema, value: object): object {
  const fields = value as Readonly<Record<string, unknown>>;
  const form: Record<string, unknown> = {};
  if (schema.hasTypeMeta) for (const name of ['kind', 'apiVersion']) if (fields[name]) form[name] = fields[name];
  for (const property of propertiesOf(schema)) {
    const field = fields[property.name];
    // An embedded struct has no name of its own.
    if (property.name === 'metadata' && isMeta(property.schema)) Object.assign(form, field);
    else form[goName(property.name)] = internalValue(property, field);
  }
  if (schema.name === POD_SPEC) form['SecurityContext'] = internalSecurityContext(schema, fields);
  return form;
}

function propertiesOf({ name = '', properties }: ObjectSchema): Property[] {
  const moved = MOVED[name];
  const inPlace = [...properties.values()].filter((each) => !moved?.[each.name]);
  const all = inPlace.flatMap((property) => [
    property,
    ...Object.keys(moved ?? {}).flatMap((field) => (moved![field] === property.name ? properties.get(field)! : [])),
  ]);
  return name === POD_SPEC ? all.filter((each) => !NOT_IN_POD_SPEC.has(each.name)) : all;
}

function internalSecurityContext(podSpec: ObjectSchema, fields: Readonly<Record<string, unknown>>): object {
  const own = HOST_FIELDS.map((name) => [goName(name), internalValue(podSpec.properties.get(name)!, fields[name])]);
  const { schema } = podSpec.properties.get('securityContext')!;
  return { ...Object.fromEntries(own), ...(internal(schema, fields['securityContext'] ?? {}) as object) };
}

const EMPTY: Readonly<Record<string, unknown>> = { string: '', boolean: false, integer: 0, number: 0, quantity: '0' };

function internalValue({ schema, pointer }: Property, value: unknown): unknown {
  if (value !== undefined && value !== null) return internal(schema, value);
  if (pointer) return null;
  return schema.type === 'object' ? internal(schema, {}) : (EMPTY[schema.type] ?? null);
}

function internal(schema: Schema, value: unknown): unknown {
  switch (schema.type) {
    case 'object':
      return isMeta(schema) ? value : internalObject(schema, value as object);
    case 'list':
      return (value as unknown[]).map((each) => internal(schema.items, each));
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, each]) => [key, internal(schema.values, each)]),
      );
    default:
      return value;
  }
}

const isMeta = (schema: Schema): boolean => schema.type === 'object' && schema.name?.startsWith(META) === true;
