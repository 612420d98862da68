import {
  deepEqual,
  fieldPath,
  invalidValue,
  isDNS1035Label,
  itemsOf,
  propertiesOf,
  unconvertibleSchema,
  valuesOf,
  type FieldError,
  type FieldPath,
  type JsonSchema,
} from '@pilothouse/apimachinery';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../generated/types.ts';
import { deprecationErrors } from './deprecation-errors.ts';
import { hoisted, type VersionPart } from './hoisted.ts';
import type { RuleChecks } from './rule-checks.ts';
import { validateCrdSchema } from './validate-crd-schema.ts';
import { validatePrinterColumn } from './validate-printer-column.ts';
import { validateSelectableFields } from './validate-selectable-fields.ts';
import { validateSubresources } from './validate-subresources.ts';

const SPEC = fieldPath('spec');
const VERSIONS = SPEC.child('versions');

/** Errors of what single versions say, and of what all of them have in common, which come apart in messages. */
export function validateVersions(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
  rules: RuleChecks | undefined,
): { own: FieldError[]; common: FieldError[] } {
  const versions = crd.spec.versions ?? [];
  const { common, own } = hoisted(crd);
  const before = new Map((old?.spec.versions ?? []).map((version) => [version.name, version]));
  const isUnchanged = ({ name, schema }: CustomResourceDefinitionVersion): boolean =>
    before.has(name) && deepEqual(schema, before.get(name)!.schema);
  const keepsFields = ({ name, selectableFields }: CustomResourceDefinitionVersion): boolean =>
    before.has(name) && deepEqual(selectableFields, before.get(name)!.selectableFields);
  const [first] = versions;
  return {
    own: versions.flatMap((version, at) => {
      const path = VERSIONS.index(at);
      return [
        ...nameErrors(version, path),
        ...partErrors(own[at]!, path, path.child('schema'), {
          hasStatus: version.subresources?.status !== undefined,
          isUnchanged: isUnchanged(version),
          allowsManyFields: keepsFields(version),
          rules,
        }),
      ];
    }),
    common: partErrors(common, SPEC, SPEC.child('validation'), {
      hasStatus: versions.some(({ subresources }) => subresources?.status !== undefined),
      isUnchanged: first !== undefined && isUnchanged(first),
      allowsManyFields: first !== undefined && keepsFields(first),
      rules,
    }),
  };
}

function nameErrors(version: CustomResourceDefinitionVersion, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const labelErrors = isDNS1035Label(version.name);
  if (labelErrors.length > 0) errors.push(invalidValue(path.child('name'), version.name, labelErrors.join(',')));
  for (const why of deprecationErrors(version.deprecated === true, version.deprecationWarning)) {
    errors.push(invalidValue(path.child('deprecationWarning'), version.deprecationWarning, why));
  }
  return errors;
}

interface PartOptions {
  readonly hasStatus: boolean;
  readonly isUnchanged: boolean;
  readonly allowsManyFields: boolean;
  readonly rules: RuleChecks | undefined;
}

function partErrors(part: VersionPart, path: FieldPath, schemaPath: FieldPath, options: PartOptions): FieldError[] {
  const errors = validateCrdSchema(part.schema?.openAPIV3Schema, schemaPath, options);
  if (part.subresources) errors.push(...validateSubresources(part.subresources, path.child('subresources')));
  (part.additionalPrinterColumns ?? []).forEach((column, at) => {
    errors.push(...validatePrinterColumn(column, path.child('additionalPrinterColumns').index(at)));
  });
  return part.selectableFields?.length ? [...errors, ...selectableErrors(part, path, options)] : errors;
}

/** The words of the first detail are upstream's, which says the opposite of what it means. */
function selectableErrors(
  part: VersionPart,
  path: FieldPath,
  { allowsManyFields: allowsMany }: PartOptions,
): FieldError[] {
  const at = path.child('selectableFields');
  const schema = part.schema?.openAPIV3Schema as JsonSchema | undefined;
  if (schema === undefined && path !== SPEC)
    return [invalidValue(at, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
  if (part.schema === undefined) return [invalidValue(at, '', 'may only be set when validations.schema is included')];
  const reason = schema && unconvertibleSchema(schema);
  const errors = reason === undefined ? [] : [invalidValue(path.child('schema.openAPIV3Schema'), '', reason)];
  return [...errors, ...validateSelectableFields(part.selectableFields ?? [], schema, at, allowsMany)];
}

export function hasDefaults({ spec }: CustomResourceDefinition): boolean {
  return (spec.versions ?? []).some(({ schema }) => schemaHasDefaults(schema?.openAPIV3Schema as JsonSchema));
}

function schemaHasDefaults(schema: JsonSchema | undefined): boolean {
  if (schema === undefined) return false;
  return (
    schema.default !== undefined ||
    [itemsOf(schema), valuesOf(schema), ...propertiesOf(schema).map(([, property]) => property)].some(schemaHasDefaults)
  );
}
