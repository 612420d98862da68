import type { ListSchema, ObjectSchema, Property, Schema } from '../schema/schema.ts';

/** OpenAPI 2.0 (`/openapi/v2`) or 3.0 (`/openapi/v3`); they differ in how references and unions are written. */
export type OpenApiVersion = 'v2' | 'v3';

export type OpenApiNode = Record<string, unknown>;

export interface GroupVersionKindExtension {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Turns schemas into OpenAPI; named messages become definitions of their own, collected as they are met. */
export class OpenApiSchemas {
  readonly definitions = new Map<string, OpenApiNode>();
  private readonly version: OpenApiVersion;
  private readonly kindsOf: (message: ObjectSchema) => readonly GroupVersionKindExtension[];

  /** `kindsOf` names the kinds that a message is the schema of, for `x-kubernetes-group-version-kind`. */
  constructor(version: OpenApiVersion, kindsOf: (message: ObjectSchema) => readonly GroupVersionKindExtension[]) {
    this.version = version;
    this.kindsOf = kindsOf;
  }

  /** A reference to the message's definition, which is made if need be. `name` is for schemas that have none. */
  reference(schema: ObjectSchema, name = definitionName(schema.name ?? '')): OpenApiNode {
    if (!this.definitions.has(name)) {
      this.definitions.set(name, {}); // a message may refer to itself
      const kinds = this.kindsOf(schema);
      const node = this.object(schema);
      this.definitions.set(name, kinds.length > 0 ? { ...node, 'x-kubernetes-group-version-kind': kinds } : node);
    }
    return this.refTo(name);
  }

  private refTo(name: string): OpenApiNode {
    return { $ref: this.version === 'v2' ? `#/definitions/${name}` : `#/components/schemas/${name}` };
  }

  private object(schema: ObjectSchema): OpenApiNode {
    const properties: Record<string, OpenApiNode> = {};
    if (schema.hasTypeMeta || schema.embeddedResource) {
      properties.apiVersion = { description: API_VERSION, type: 'string' };
      properties.kind = { description: KIND, type: 'string' };
    }
    const required: string[] = [];
    for (const property of schema.properties.values()) {
      properties[property.name] = this.property(property);
      if (property.required) required.push(property.name);
    }
    return {
      ...(schema.description ? { description: schema.description } : {}),
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
      ...extensionsOf(schema),
    };
  }

  private property(property: Property): OpenApiNode {
    const node = this.node(property.schema);
    const isStruct = property.schema.type === 'object' && !property.pointer;
    const extras: OpenApiNode = {
      ...(property.description ? { description: property.description } : {}),
      ...defaultOf(property, isStruct && this.version === 'v3'),
      ...(property.enum ? { enum: [...property.enum] } : {}),
      ...(property.structType ? { 'x-kubernetes-map-type': property.structType } : {}),
      ...(property.patchStrategy ? { 'x-kubernetes-patch-strategy': property.patchStrategy } : {}),
      ...(property.patchMergeKey ? { 'x-kubernetes-patch-merge-key': property.patchMergeKey } : {}),
    };
    // In OpenAPI 3.0 nothing may stand beside a $ref, so it is wrapped.
    if ('$ref' in node && this.version === 'v3' && Object.keys(extras).length > 0) return { allOf: [node], ...extras };
    return { ...node, ...extras };
  }

  /** The node of any schema; references to named messages are collected. */
  node(schema: Schema): OpenApiNode {
    switch (schema.type) {
      case 'object':
        return schema.name === undefined ? this.object(schema) : this.reference(schema);
      case 'list':
        return this.list(schema);
      case 'map': {
        const values = this.node(schema.values);
        const wrapped = '$ref' in values && this.version === 'v3' ? { allOf: [values], default: {} } : values;
        return {
          type: 'object',
          additionalProperties: wrapped,
          ...(schema.mapType === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
          ...extensionsOf(schema),
        };
      }
      case 'string':
      case 'boolean':
      case 'integer':
      case 'number':
        return { type: schema.type, ...(schema.format ? { format: schema.format } : {}), ...extensionsOf(schema) };
      default:
        return this.special(schema);
    }
  }

  private list(schema: ListSchema): OpenApiNode {
    const items = this.node(schema.items);
    const wrapped = '$ref' in items && this.version === 'v3' ? { allOf: [items], default: {} } : items;
    return {
      type: 'array',
      items: wrapped,
      ...(schema.listMapKeys.length > 0 ? { 'x-kubernetes-list-map-keys': [...schema.listMapKeys] } : {}),
      'x-kubernetes-list-type': schema.listType,
      ...extensionsOf(schema),
    };
  }

  private special(
    schema: Exclude<Schema, { type: 'object' | 'list' | 'map' | 'string' | 'boolean' | 'integer' | 'number' }>,
  ): OpenApiNode {
    switch (schema.type) {
      case 'bytes':
        return { type: 'string', format: 'byte' };
      case 'stringList':
        return { type: 'array', items: { type: 'string' } };
      case 'intOrString':
        // A CRD's own int-or-string stays where it stands; the built-in type has a definition.
        if (schema.validations) return { 'x-kubernetes-int-or-string': true, ...extensionsOf(schema) };
        return this.shared('intOrString');
      case 'any':
        return { ...extensionsOf(schema) };
      case 'jsonSchemaOrBool':
      case 'jsonSchemaOrArray':
      case 'jsonSchemaOrStringArray':
      case 'json':
      case 'time':
      case 'microTime':
      case 'timestamp':
      case 'duration':
      case 'quantity':
      case 'rawExtension':
      case 'fieldsV1':
        return this.shared(schema.type);
    }
  }

  private shared(type: SharedType): OpenApiNode {
    const { name, v2, v3 = v2 } = SHARED[type];
    this.definitions.set(name, { ...(this.version === 'v2' ? v2 : v3) });
    return this.refTo(name);
  }
}

type SharedType =
  | 'time'
  | 'microTime'
  | 'timestamp'
  | 'duration'
  | 'fieldsV1'
  | 'quantity'
  | 'intOrString'
  | 'rawExtension'
  | 'json'
  | 'jsonSchemaOrBool'
  | 'jsonSchemaOrArray'
  | 'jsonSchemaOrStringArray';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

const SHARED: Readonly<
  Record<SharedType, { readonly name: string; readonly v2: OpenApiNode; readonly v3?: OpenApiNode }>
> = {
  time: { name: `${META}Time`, v2: { type: 'string', format: 'date-time' } },
  microTime: { name: `${META}MicroTime`, v2: { type: 'string', format: 'date-time' } },
  timestamp: { name: `${META}Timestamp`, v2: { type: 'object' } },
  duration: { name: `${META}Duration`, v2: { type: 'string' } },
  fieldsV1: { name: `${META}FieldsV1`, v2: { type: 'object' } },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    v2: { type: 'string' },
    v3: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  intOrString: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    v2: { type: 'string', format: 'int-or-string' },
    v3: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  },
  rawExtension: { name: 'io.k8s.apimachinery.pkg.runtime.RawExtension', v2: { type: 'object' } },
  json: { name: `${EXTENSIONS}JSON`, v2: {} },
  jsonSchemaOrBool: { name: `${EXTENSIONS}JSONSchemaPropsOrBool`, v2: {} },
  jsonSchemaOrArray: { name: `${EXTENSIONS}JSONSchemaPropsOrArray`, v2: {} },
  jsonSchemaOrStringArray: { name: `${EXTENSIONS}JSONSchemaPropsOrStringArray`, v2: {} },
};

/** `k8s.io.api.apps.v1.Deployment` → `io.k8s.api.apps.v1.Deployment`, as upstream names its definitions. */
export function definitionName(messageName: string): string {
  return messageName.replace(/^k8s\.io\./, 'io.k8s.').replaceAll('_', '-');
}

/** A declared default, or the zero value of what is always there. */
function defaultOf(property: Property, structDefault: boolean): OpenApiNode {
  if (property.default !== undefined) return { default: property.default };
  if (structDefault) return { default: {} };
  return {};
}

/** Validations and extensions that come from a CRD's own schema. */
function extensionsOf(schema: Schema): OpenApiNode {
  return {
    ...(schema.description && schema.type !== 'object' ? { description: schema.description } : {}),
    ...(schema.nullable ? { nullable: true } : {}),
    ...schema.validations,
    ...(schema.preserveUnknownFields ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(schema.rules?.length ? { 'x-kubernetes-validations': schema.rules } : {}),
    ...(schema.type === 'object' && schema.embeddedResource ? { 'x-kubernetes-embedded-resource': true } : {}),
  };
}

const API_VERSION =
  'APIVersion defines the versioned schema of this representation of an object. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const KIND =
  'Kind is the REST resource this object represents; it cannot be changed. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';
