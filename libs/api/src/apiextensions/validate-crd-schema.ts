import {
  customResourceSchema,
  forbiddenField,
  invalidValue,
  structuralViolations,
  type FieldError,
  type FieldPath,
  type JsonSchema,
  type ObjectSchema,
} from '@pilothouse/apimachinery';
import { schemaFor } from '../schemas.ts';
import { openApiSchemaErrors } from './open-api-schema-errors.ts';
import { validateDefaults } from './validate-defaults.ts';

/** What may stand at the root beside the status subresource, by upstream's names for it. */
const ROOT_FIELDS =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const ROOT_KEYWORDS = new Set([
  ...ROOT_FIELDS.split(' ').map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]);

export function validateCrdSchema(root: unknown, hasStatus: boolean, path: FieldPath): FieldError[] {
  if (root === undefined) return [];
  const schema = root as JsonSchema;
  const at = path.child('openAPIV3Schema');
  const errors: FieldError[] = [];
  if (hasStatus) errors.push(...rootErrors(schema, path));
  if (schema.nullable)
    errors.push(forbiddenField(path.child('openAPIV3Schema.nullable'), 'nullable cannot be true at the root'));
  const violations = structuralViolations(schema, at);
  errors.push(...violations);
  if (violations.length === 0) {
    const objectMeta = schemaFor('', 'v1', 'ObjectMeta') as ObjectSchema;
    errors.push(...validateDefaults(customResourceSchema(schema, objectMeta), schema, at));
  }
  return [...errors, ...openApiSchemaErrors(schema, at)];
}

function rootErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  for (const keyword of Object.keys(schema)) {
    if (keyword === 'type' && schema.type !== 'object') {
      const detail =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalidValue(path.child('openAPIV3Schema.type'), schema.type, detail)];
    }
    if (!ROOT_KEYWORDS.has(keyword)) {
      const detail = `only [${ROOT_FIELDS}] fields are allowed at the root of the schema if the status subresource is enabled`;
      return [invalidValue(path.child('openAPIV3Schema'), schema, detail)];
    }
  }
  return [];
}
