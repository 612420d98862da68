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
  private readonly describe: (message: string, field?: string) => string | undefined;
  private readonly kindsOf: (message: ObjectSchema) => readonly GroupVersionKindExtension[];

  /**
   * `kindsOf` names the kinds that a message is the schema of, for `x-kubernetes-group-version-kind`; `describe` says
   * what a message is, or one of its fields.
   */
  constructor(
    version: OpenApiVersion,
    kindsOf: (message: ObjectSchema) => readonly GroupVersionKindExtension[],
    describe: (message: string, field?: string) => string | undefined,
  ) {
    this.version = version;
    this.kindsOf = kindsOf;
    this.describe = describe;
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
    const builtIn = schema.wire !== undefined;
    const properties: Record<string, OpenApiNode> = {};
    if (schema.hasTypeMeta || schema.embeddedResource) {
      properties.apiVersion = { description: API_VERSION, type: 'string' };
      properties.kind = { description: KIND, type: 'string' };
    }
    const required: string[] = [];
    for (const property of schema.properties.values()) {
      properties[property.name] = this.property(property, schema, builtIn);
      if (property.required) required.push(property.name);
    }
    const description = schema.description ?? this.describe(schema.name ?? '');
    return {
      ...(description ? { description } : {}),
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
      ...this.extensions(schema),
    };
  }

  private property(property: Property, parent: ObjectSchema, builtIn: boolean): OpenApiNode {
    const description = property.description ?? this.describe(parent.name ?? '', property.name);
    const node = this.node(property.schema, builtIn);
    const extras: OpenApiNode = {
      ...(description ? { description } : {}),
      ...(this.version === 'v3' ? defaultOf(property) : {}),
      ...(property.enum ? { enum: [...property.enum] } : {}),
      ...(property.structType ? { 'x-kubernetes-map-type': property.structType } : {}),
      ...(property.patchStrategy ? { 'x-kubernetes-patch-strategy': property.patchStrategy } : {}),
      ...(property.patchMergeKey ? { 'x-kubernetes-patch-merge-key': property.patchMergeKey } : {}),
    };
    // In OpenAPI 3.0 nothing may stand beside a $ref, so it is wrapped.
    if ('$ref' in node && this.version === 'v3' && Object.keys(extras).length > 0) return { allOf: [node], ...extras };
    return { ...node, ...extras };
  }

  /** The node of any schema; references to named messages are collected. `builtIn` says whether a message has it. */
  node(schema: Schema, builtIn = false): OpenApiNode {
    if (schema.nullable && this.version === 'v2') {
      return this.extensions(schema);
    }
    switch (schema.type) {
      case 'object':
        return schema.name === undefined ? this.object(schema) : this.reference(schema);
      case 'list':
        return this.list(schema, builtIn);
      case 'map':
        return {
          type: 'object',
          additionalProperties: this.element(schema.values, builtIn),
          ...(schema.mapType === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
          ...this.extensions(schema),
        };
      case 'string':
      case 'boolean':
      case 'integer':
      case 'number':
        return { type: schema.type, ...(schema.format ? { format: schema.format } : {}), ...this.extensions(schema) };
      default:
        return this.special(schema);
    }
  }

  /** An item of a list or a value of a map. In messages its zero value is its default. */
  private element(schema: Schema, builtIn: boolean): OpenApiNode {
    const node = this.node(schema, builtIn);
    if (this.version === 'v2' || !builtIn) return node;
    const zero = zeroOf(schema);
    return '$ref' in node && Object.keys(zero).length > 0 ? { allOf: [node], ...zero } : { ...node, ...zero };
  }

  private list(schema: ListSchema, builtIn: boolean): OpenApiNode {
    return {
      type: 'array',
      items: this.element(schema.items, builtIn),
      ...(schema.listMapKeys.length > 0 ? { 'x-kubernetes-list-map-keys': [...schema.listMapKeys] } : {}),
      ...(schema.impliedType ? {} : { 'x-kubernetes-list-type': schema.listType }),
      ...this.extensions(schema),
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
        if (schema.validations) return { 'x-kubernetes-int-or-string': true, ...this.extensions(schema) };
        return this.shared('intOrString');
      case 'any':
        return { ...this.extensions(schema) };
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

  /** Validations and extensions that come from a CRD's own schema. */
  private extensions(schema: Schema): OpenApiNode {
    return {
      ...(schema.description && schema.type !== 'object' ? { description: schema.description } : {}),
      ...(schema.nullable && this.version === 'v3' ? { nullable: true } : {}),
      ...(this.version === 'v3' ? schema.validations : expressibleInV2(schema.validations)),
      ...(schema.preserveUnknownFields ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
      ...(schema.rules?.length ? { 'x-kubernetes-validations': schema.rules } : {}),
      ...(schema.type === 'object' && schema.embeddedResource ? { 'x-kubernetes-embedded-resource': true } : {}),
    };
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

/**
 * What OpenAPI 2.0 or its readers in kubectl cannot express, upstream leaves out: unions of values, and the type of what
 * may be null. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#publish-validation-schema-in-openapi
 */
function expressibleInV2(validations: Readonly<Record<string, unknown>> = {}): OpenApiNode {
  return Object.fromEntries(Object.entries(validations).filter(([keyword]) => !UNIONS.has(keyword)));
}

const UNIONS = new Set(['allOf', 'anyOf', 'oneOf', 'not']);

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

/**
 * A declared default, or the zero value of what is always there. Only v3 has them: upstream prunes them from v2, whose
 * readers took fields with a default for optional ones. k8s.io/kube-openapi, pkg/handler/default_pruning.go.
 */
function defaultOf(property: Property): OpenApiNode {
  if (property.default !== undefined) return { default: property.default };
  if (property.pointer) return {};
  return property.always || property.schema.type === 'object' ? zeroOf(property.schema) : {};
}

const ZERO: Readonly<Partial<Record<Schema['type'], unknown>>> = { string: '', boolean: false, integer: 0, number: 0 };

/** Types with a JSON form of their own (Time, Quantity) have no default, nor have lists and maps. */
function zeroOf(schema: Schema): OpenApiNode {
  if (schema.type === 'object') return { default: {} };
  return schema.type in ZERO ? { default: ZERO[schema.type] } : {};
}

const API_VERSION =
  'APIVersion defines the versioned schema of this representation of an object. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const KIND =
  'Kind is the REST resource this object represents; it cannot be changed. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';
