import {
  customResourceSchema,
  forbiddenField,
  invalidValue,
  structuralViolations,
  unconvertibleSchema,
  type FieldError,
  type FieldPath,
  type JsonSchema,
  type ObjectSchema,
} from '@pilothouse/apimachinery';
import { schemaFor } from '../schemas.ts';
import { internalSchema, setFields } from './internal-form.ts';
import { openApiSchemaErrors } from './open-api-schema-errors.ts';
import type { RuleChecks, SchemaRules } from './rule-checks.ts';
import { validateDefaults } from './validate-defaults.ts';

/** What may stand at the root beside the status subresource, by upstream's names for it. */
const ROOT_FIELDS =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const ALLOWED_AT_ROOT = new Set(ROOT_FIELDS.split(' '));

export interface CrdSchemaOptions {
  readonly hasStatus: boolean;
  readonly rules?: RuleChecks | undefined;
  /** The rules of a schema that an update does not change may cost what they did. */
  readonly isUnchanged?: boolean;
}

/** `path` is where upstream's internal form has the schema. Upstream: validateCustomResourceDefinitionValidation. */
export function validateCrdSchema(root: unknown, path: FieldPath, options: CrdSchemaOptions): FieldError[] {
  if (root === undefined) return [];
  const schema = root as JsonSchema;
  const at = path.child('openAPIV3Schema');
  const errors: FieldError[] = [];
  if (options.hasStatus) errors.push(...rootErrors(schema, path));
  if (schema.nullable)
    errors.push(forbiddenField(path.child('openAPIV3Schema.nullable'), 'nullable cannot be true at the root'));
  const unconvertible = unconvertibleSchema(schema);
  const structural = unconvertible === undefined ? structuralErrors(schema, at, options.rules) : [];
  errors.push(...structural);
  const canHaveRules = unconvertible === undefined && structural.length === 0;
  const rules = canHaveRules ? rulesOf(schema, options) : undefined;
  errors.push(...openApiSchemaErrors(schema, at, rules?.node));
  // The same is said better by the errors of the keywords, where there are any.
  if (errors.length === 0 && unconvertible !== undefined) errors.push(invalidValue(at, '', unconvertible));
  return rules ? [...errors, ...rules.totalErrors(at)] : errors;
}

function structuralErrors(schema: JsonSchema, at: FieldPath, rules: RuleChecks | undefined): FieldError[] {
  const violations = structuralViolations(schema, at);
  if (violations.length > 0) return violations;
  const objectMeta = schemaFor('', 'v1', 'ObjectMeta') as ObjectSchema;
  return validateDefaults(customResourceSchema(schema, objectMeta), schema, at, rules);
}

function rulesOf(schema: JsonSchema, { rules, isUnchanged }: CrdSchemaOptions): SchemaRules | undefined {
  return rules?.root(schema, { anyCost: isUnchanged === true });
}

function rootErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  for (const field of setFields(schema)) {
    if (field === 'Type' && schema.type !== 'object') {
      const detail =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalidValue(path.child('openAPIV3Schema.type'), schema.type, detail)];
    }
    if (!ALLOWED_AT_ROOT.has(field)) {
      const detail = `only [${ROOT_FIELDS}] fields are allowed at the root of the schema if the status subresource is enabled`;
      return [invalidValue(path.child('openAPIV3Schema'), internalSchema(schema), detail)];
    }
  }
  return [];
}
