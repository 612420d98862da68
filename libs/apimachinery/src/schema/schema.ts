/**
 * The one schema. A built-in message (from `proto/`) and a CRD version (from its OpenAPI v3 schema) both become this
 * tree, and everything generic is a walk over it: codecs, defaults, pruning, structural validation, strategic merge
 * patch, server-side apply, OpenAPI, CEL typing.
 */
export type Schema = ObjectSchema | MapSchema | ListSchema | ScalarSchema | SpecialSchema;

/** What any node may carry. Most come only from CRDs. */
export interface SchemaCommon {
  readonly description?: string;
  readonly title?: string;
  readonly nullable?: boolean;
  /** `x-kubernetes-preserve-unknown-fields`: pruning stops here. */
  readonly preserveUnknownFields?: boolean;
  /** Value validations of a CRD (`pattern`, `minimum`, `oneOf` …) exactly as in its OpenAPI node. */
  readonly validations?: Readonly<Record<string, unknown>>;
  /** `x-kubernetes-validations`: CEL rules of this node, exactly as in the CRD. */
  readonly rules?: readonly Readonly<Record<string, unknown>>[];
}

/** A message of the API: a fixed set of named properties. */
export interface ObjectSchema extends SchemaCommon {
  readonly type: 'object';
  /** Full Protobuf message name, such as `k8s.io.api.core.v1.PodSpec`; absent in a CRD. */
  readonly name?: string;
  /** In the order Kubernetes prints them. Inline messages are already flattened into their parent's properties. */
  readonly properties: ReadonlyMap<string, Property>;
  /** `x-kubernetes-embedded-resource`: has apiVersion, kind and metadata of its own. */
  readonly embeddedResource?: boolean;
  /** The message is a kind or a list of one: JSON starts with `kind` and `apiVersion`, which have no field number. */
  readonly hasTypeMeta?: boolean;
  /** How server-side apply treats the object when its property does not say. */
  readonly atomic?: boolean;
  /**
   * The root of one version of a custom resource. Its objects follow other rules than messages: normal form has all keys
   * in alphabetical order, unknown fields are pruned, and types are checked by validation, not by decoding.
   */
  readonly structural?: true;
  /** Protobuf layout; absent in a CRD. */
  readonly wire?: readonly WireField[];
}

/** Protobuf layout of a message, which (because of inline messages) is not the layout of its JSON. */
export interface WireField {
  readonly number: number;
  /** The property that carries the value; absent when the field is an inline message. */
  readonly property?: Property;
  /** The inline message, whose properties are also (the same values) properties of the parent. */
  readonly inline?: ObjectSchema;
}

export interface Property {
  /** JSON name. */
  readonly name: string;
  readonly schema: Schema;
  /** A Go pointer: Protobuf writes it only when set, JSON keeps an explicit zero. */
  readonly pointer: boolean;
  /** No `omitempty`: JSON has it even when zero. */
  readonly always: boolean;
  readonly required: boolean;
  readonly description?: string;
  /** A declared default, already parsed. Code adds the others. */
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly patchStrategy?: 'merge' | 'replace' | 'retainKeys' | string;
  readonly patchMergeKey?: string;
  /** `struct=atomic|granular` for an object-valued property. */
  readonly structType?: 'atomic' | 'granular';
}

export interface MapSchema extends SchemaCommon {
  readonly type: 'map';
  readonly values: Schema;
  readonly mapType: 'granular' | 'atomic';
}

export interface ListSchema extends SchemaCommon {
  readonly type: 'list';
  readonly items: Schema;
  readonly listType: 'atomic' | 'set' | 'map';
  /** The author did not say how the list merges: it is atomic then, and nothing is published of it. */
  readonly impliedType?: boolean;
  readonly listMapKeys: readonly string[];
}

export interface ScalarSchema extends SchemaCommon {
  readonly type: 'string' | 'boolean' | 'integer' | 'number';
  /** integer: `int32` or `int64`; number: `double`; string: a CRD's format. */
  readonly format?: string;
}

/** Types whose JSON and Protobuf shapes differ. */
export interface SpecialSchema extends SchemaCommon {
  /** JSONSchemaProps, for the three unions with it. */
  readonly jsonSchemaProps?: ObjectSchema;
  readonly type:
    | 'bytes' // base64 in JSON
    | 'time' // RFC 3339 with seconds; {seconds, nanos} in Protobuf
    | 'microTime' // RFC 3339 with microseconds
    | 'timestamp' // {seconds, nanos} both
    | 'duration' // Go duration string in JSON, int64 nanoseconds in Protobuf
    | 'quantity' // canonical string; {1: string}
    | 'intOrString' // number or string; {1: type, 2: intVal, 3: strVal}
    | 'rawExtension' // any JSON object; {1: raw JSON bytes}
    | 'json' // any JSON value; {1: raw JSON bytes}
    | 'fieldsV1' // a JSON object; {1: raw JSON bytes}
    | 'stringList' // a list of strings in JSON; {1: repeated string} (Verbs, ExtraValue)
    | 'jsonSchemaOrBool'
    | 'jsonSchemaOrArray'
    | 'jsonSchemaOrStringArray'
    | 'any'; // anything: a CRD's x-kubernetes-preserve-unknown-fields without a type
}

export function isObjectSchema(schema: Schema): schema is ObjectSchema {
  return schema.type === 'object';
}

/** The schema of what lies at a JSON path (`['spec', 'containers', '0', 'image']`); undefined outside the schema. */
export function schemaAt(schema: Schema, path: readonly string[]): Schema | undefined {
  let current: Schema | undefined = schema;
  for (const step of path) {
    if (current === undefined) return undefined;
    if (current.type === 'object') current = current.properties.get(step)?.schema;
    else if (current.type === 'map') current = current.values;
    else if (current.type === 'list') current = current.items;
    else return undefined;
  }
  return current;
}
