import type { ListSchema, ObjectSchema, Property, Schema, WireField } from '@pilothouse/apimachinery';
import { isAtomicMessage } from './atomic-messages.ts';
import generated from './generated/schema.json' with { type: 'json' };

/**
 * The schema of every built-in message, made from `proto/`. A message becomes a tree on first use and is then shared;
 * recursive messages refer to themselves.
 */
type FieldRow = readonly [number: number, name: string, rule: string, type: string, attributes: string];

interface GeneratedSchema {
  readonly groupVersions: Readonly<Record<string, string>>;
  readonly resources: readonly (readonly [groupVersion: string, kind: string, text: string])[];
  readonly messages: Readonly<Record<string, { readonly kind?: boolean; readonly fields: readonly FieldRow[] }>>;
}

const model = generated as unknown as GeneratedSchema;

/** `[groupVersion, kind, text]` for each resource, the text being that of `(pilothouse.resource)`. */
export const generatedResources = model.resources;

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1.';
const EXTENSIONS = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.';

/** Messages whose JSON is not an object of their fields. */
const SPECIAL: Readonly<Record<string, Exclude<Schema['type'], 'object' | 'list' | 'map'>>> = {
  [`${META}Time`]: 'time',
  [`${META}MicroTime`]: 'microTime',
  [`${META}Duration`]: 'duration',
  [`${META}Verbs`]: 'stringList',
  [`${META}FieldsV1`]: 'fieldsV1',
  'k8s.io.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
  'k8s.io.apimachinery.pkg.runtime.RawExtension': 'rawExtension',
  [`${EXTENSIONS}JSON`]: 'json',
  [`${EXTENSIONS}JSONSchemaPropsOrBool`]: 'jsonSchemaOrBool',
  [`${EXTENSIONS}JSONSchemaPropsOrArray`]: 'jsonSchemaOrArray',
  [`${EXTENSIONS}JSONSchemaPropsOrStringArray`]: 'jsonSchemaOrStringArray',
};

const messages = new Map<string, ObjectSchema>();

/** By full Protobuf name. Throws for an unknown name: they all come from our own generated code. */
export function messageSchema(name: string): ObjectSchema {
  const known = messages.get(name);
  if (known) return known;
  const row = model.messages[name];
  if (!row) throw new Error(`proto/ has no message ${name}`);
  const properties = new Map<string, Property>();
  const wire: WireField[] = [];
  const schema: ObjectSchema = {
    type: 'object',
    name,
    properties,
    wire,
    ...(row.kind ? { hasTypeMeta: true } : {}),
    ...(isAtomicMessage(name) ? { atomic: true } : {}),
  };
  messages.set(name, schema); // before the fields, which may refer back
  for (const field of row.fields) {
    const attributes = parseAttributes(field[4]);
    if (attributes.has('inline')) {
      const inline = messageSchema(field[3]);
      wire.push({ number: field[0], inline });
      for (const [key, property] of inline.properties) properties.set(key, property);
    } else {
      const property = makeProperty(field, attributes);
      wire.push({ number: field[0], property });
      properties.set(property.name, property);
    }
  }
  return schema;
}

/** The schema of a kind (or of any other message of its package); undefined when there is none. */
export function schemaFor(group: string, version: string, kind: string): ObjectSchema | undefined {
  const groupVersion = group === '' ? version : `${group}/${version}`;
  for (const packageName of [model.groupVersions[groupVersion], META.slice(0, -1)]) {
    const name = `${packageName}.${kind}`;
    if (packageName !== undefined && name in model.messages) return messageSchema(name);
  }
  return undefined;
}

type Attributes = ReadonlyMap<string, string>;

/** `always list=map keys=name` → a map of words to values; a bare word has the value ''. */
function parseAttributes(text: string): Attributes {
  const attributes = new Map<string, string>();
  for (const word of text.split(' ')) {
    const equals = word.indexOf('=');
    if (equals < 0) attributes.set(word, '');
    else attributes.set(word.slice(0, equals), word.slice(equals + 1));
  }
  return attributes;
}

function makeProperty([, name, rule, type]: FieldRow, attributes: Attributes): Property {
  const json = attributes.get('json');
  const declaredDefault = attributes.get('default');
  const values = attributes.get('enum');
  const structType = attributes.get('struct') as 'atomic' | 'granular' | undefined;
  return {
    name: json ?? name,
    schema: makeSchema(rule, type, attributes),
    pointer: attributes.has('nullable'),
    always: attributes.has('always'),
    required: attributes.has('required') || (attributes.has('always') && !attributes.has('optional')),
    ...(declaredDefault === undefined ? {} : { default: JSON.parse(declaredDefault.replaceAll("'", '"')) as unknown }),
    ...(values === undefined ? {} : { enum: values.split('|') }),
    ...(attributes.has('patch') ? { patchStrategy: attributes.get('patch')! } : {}),
    ...(attributes.has('patchKey') ? { patchMergeKey: attributes.get('patchKey')! } : {}),
    ...(structType ? { structType } : {}),
  };
}

function makeSchema(rule: string, type: string, attributes: Attributes): Schema {
  if (rule === 'repeated') {
    return {
      type: 'list',
      items: typeSchema(type),
      listType: (attributes.get('list') ?? 'atomic') as ListSchema['listType'],
      ...(attributes.has('list') ? {} : { impliedType: true }),
      listMapKeys: attributes.get('keys')?.split(',') ?? [],
    };
  }
  if (rule === 'map') {
    return {
      type: 'map',
      values: typeSchema(type),
      mapType: attributes.get('map') === 'atomic' ? 'atomic' : 'granular',
    };
  }
  return typeSchema(type);
}

function typeSchema(type: string): Schema {
  switch (type) {
    case 'string':
    case 'bytes':
      return { type };
    case 'bool':
      return { type: 'boolean' };
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return { type: 'integer', format: type };
    case 'double':
      return { type: 'number', format: type };
  }
  const special = SPECIAL[type] ?? (type.endsWith('.ExtraValue') ? 'stringList' : undefined);
  if (special === undefined) return messageSchema(type);
  if (special.startsWith('jsonSchema')) {
    return { type: special, jsonSchemaProps: messageSchema(`${EXTENSIONS}JSONSchemaProps`) } as Schema;
  }
  return { type: special } as Schema;
}
