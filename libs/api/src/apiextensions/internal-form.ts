import type { JsonSchema, ValidationRule } from '@pilothouse/apimachinery';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  SelectableField,
} from '../generated/types.ts';
import type { VersionPart } from './hoisted.ts';

/**
 * Messages show bad values as upstream's internal types print in JSON: every field under its name in Go, in the order
 * of declaration, what is not set as null, zero or the empty text. Source: apiextensions/types.go, types_jsonschema.go.
 */
type Printed = Record<string, unknown>;

export function internalVersion(version: CustomResourceDefinitionVersion, own: VersionPart): Printed {
  return {
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: own.schema ? { OpenAPIV3Schema: orNull(own.schema.openAPIV3Schema as JsonSchema, internalSchema) } : null,
    Subresources: orNull(own.subresources, internalSubresources),
    AdditionalPrinterColumns: orNull(own.additionalPrinterColumns, (columns) => columns.map(internalColumn)),
    SelectableFields: orNull(own.selectableFields, (fields) => fields.map(internalSelectableField)),
  };
}

function internalSubresources({ status, scale }: CustomResourceSubresources): Printed {
  return {
    Status: status ? {} : null,
    Scale: scale
      ? {
          SpecReplicasPath: scale.specReplicasPath,
          StatusReplicasPath: scale.statusReplicasPath,
          LabelSelectorPath: scale.labelSelectorPath ?? null,
        }
      : null,
  };
}

function internalColumn(column: CustomResourceColumnDefinition): Printed {
  return {
    Name: column.name,
    Type: column.type,
    Format: column.format ?? '',
    Description: column.description ?? '',
    Priority: column.priority ?? 0,
    JSONPath: column.jsonPath,
  };
}

const internalSelectableField = ({ jsonPath }: SelectableField): Printed => ({ JSONPath: jsonPath });

/** Fields of internal JSONSchemaProps that print as they are, or as `empty` when they are not set. */
const PLAIN: readonly (readonly [field: string, keyword: keyof JsonSchema, empty: unknown])[] = [
  ['Description', 'description', ''],
  ['Type', 'type', ''],
  ['Nullable', 'nullable', false],
  ['Format', 'format', ''],
  ['Title', 'title', ''],
  ['Default', 'default', null],
  ['Maximum', 'maximum', null],
  ['ExclusiveMaximum', 'exclusiveMaximum', false],
  ['Minimum', 'minimum', null],
  ['ExclusiveMinimum', 'exclusiveMinimum', false],
  ['MaxLength', 'maxLength', null],
  ['MinLength', 'minLength', null],
  ['Pattern', 'pattern', ''],
  ['MaxItems', 'maxItems', null],
  ['MinItems', 'minItems', null],
  ['UniqueItems', 'uniqueItems', false],
  ['MultipleOf', 'multipleOf', null],
  ['Enum', 'enum', null],
  ['MaxProperties', 'maxProperties', null],
  ['MinProperties', 'minProperties', null],
  ['Required', 'required', null],
];

/** Names of the fields that are set, in the order of upstream's internal type. */
export function setFields(schema: JsonSchema): string[] {
  return Object.entries(internalSchema(schema))
    .filter(([, value]) => value !== null && value !== '' && value !== false)
    .map(([name]) => name);
}

export function internalSchema(schema: JsonSchema): Printed {
  return {
    ID: schema.id ?? '',
    Schema: schema.$schema ?? '',
    Ref: schema.$ref ?? null,
    ...Object.fromEntries(PLAIN.map(([field, keyword, empty]) => [field, schema[keyword] ?? empty])),
    Items: orNull(schema.items, internalItems),
    AllOf: orNull(schema.allOf, internalList),
    OneOf: orNull(schema.oneOf, internalList),
    AnyOf: orNull(schema.anyOf, internalList),
    Not: orNull(schema.not, internalSchema),
    Properties: orNull(schema.properties, internalMap),
    AdditionalProperties: orNull(schema.additionalProperties, internalOrBool),
    PatternProperties: orNull(schema.patternProperties, internalMap),
    Dependencies: orNull(schema.dependencies, internalDependencies),
    AdditionalItems: orNull(schema.additionalItems, internalOrBool),
    Definitions: orNull(schema.definitions, internalMap),
    ExternalDocs: orNull(schema.externalDocs as { description?: string; url?: string } | undefined, (docs) => ({
      Description: docs.description ?? '',
      URL: docs.url ?? '',
    })),
    Example: schema.example ?? null,
    XPreserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? null,
    XEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    XIntOrString: schema['x-kubernetes-int-or-string'] ?? false,
    XListMapKeys: schema['x-kubernetes-list-map-keys'] ?? null,
    XListType: schema['x-kubernetes-list-type'] ?? null,
    XMapType: schema['x-kubernetes-map-type'] ?? null,
    XValidations: orNull(schema['x-kubernetes-validations'], (rules) => rules.map(internalRule)),
  };
}

export function internalRule(rule: ValidationRule): Printed {
  return {
    Rule: rule.rule ?? '',
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

export function internalItems(items: JsonSchema | readonly JsonSchema[]): Printed {
  return Array.isArray(items)
    ? { Schema: null, JSONSchemas: internalList(items as readonly JsonSchema[]) }
    : { Schema: internalSchema(items as JsonSchema), JSONSchemas: null };
}

const internalOrBool = (value: JsonSchema | boolean): Printed =>
  typeof value === 'boolean' ? { Allows: value, Schema: null } : { Allows: true, Schema: internalSchema(value) };

const internalList = (schemas: readonly JsonSchema[]): Printed[] => schemas.map(internalSchema);

function internalMap(schemas: Readonly<Record<string, JsonSchema>>): Printed {
  return Object.fromEntries(sorted(schemas).map(([name, schema]) => [name, internalSchema(schema)]));
}

function internalDependencies(dependencies: NonNullable<JsonSchema['dependencies']>): Printed {
  return Object.fromEntries(
    sorted(dependencies).map(([name, each]) => [
      name,
      Array.isArray(each)
        ? { Schema: null, Property: each }
        : { Schema: internalSchema(each as JsonSchema), Property: null },
    ]),
  );
}

function sorted<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

function orNull<T, R>(value: T | null | undefined, form: (value: T) => R): R | null {
  return value === undefined || value === null ? null : form(value);
}
