import {
  deepEqual,
  fieldPath,
  FIELD_IMMUTABLE,
  invalidValue,
  isDNS1035Label,
  isDNS1123Subdomain,
  notSupported,
  required,
  type FieldError,
} from '@pilothouse/apimachinery';
import type { CustomResourceDefinition } from '../generated/types.ts';
import { isCrdConditionTrue } from './conditions.ts';
import { placedValues } from './hoisted.ts';
import { validateApiApproval } from './validate-api-approval.ts';
import { validateConversion } from './validate-conversion.ts';
import { validateCrdSchema } from './validate-crd-schema.ts';
import { validateNames } from './validate-names.ts';
import { validatePrinterColumn } from './validate-printer-column.ts';
import { validateSelectableFields } from './validate-selectable-fields.ts';
import { validateSubresources } from './validate-subresources.ts';

const SPEC = fieldPath('spec');

/** All but the CEL rules, which need the expression language. Upstream: ValidateCustomResourceDefinition. */
export function validateCustomResourceDefinition(crd: CustomResourceDefinition): FieldError[] {
  return [
    ...validateName(crd),
    ...validateSpec(crd),
    ...validateNames(crd.status?.acceptedNames, fieldPath('status', 'acceptedNames')),
    ...validateApiApproval(crd),
    ...(crd.spec.preserveUnknownFields ? [preserveUnknownFields()] : []),
  ];
}

export function validateCustomResourceDefinitionUpdate(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const errors = validateSpec(crd);
  const immutable = (path: string[], value: unknown, before: unknown): void => {
    if (!deepEqual(value, before))
      errors.push(invalidValue(SPEC.child(path[0]!, ...path.slice(1)), value, FIELD_IMMUTABLE));
  };
  if (isCrdConditionTrue(old, 'Established')) {
    immutable(['scope'], crd.spec.scope, old.spec.scope);
    immutable(['names', 'kind'], crd.spec.names.kind, old.spec.names.kind);
  }
  immutable(['group'], crd.spec.group, old.spec.group);
  immutable(['names', 'plural'], crd.spec.names.plural, old.spec.names.plural);
  return [
    ...errors,
    ...validateNames(crd.status?.acceptedNames, fieldPath('status', 'acceptedNames')),
    ...validateStoredVersions(crd),
    ...validateApiApproval(crd, old),
    ...(crd.spec.preserveUnknownFields && !old.spec.preserveUnknownFields ? [preserveUnknownFields()] : []),
  ];
}

function preserveUnknownFields(): FieldError {
  return invalidValue(
    SPEC.child('preserveUnknownFields'),
    true,
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  );
}

function validateName({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  const name = metadata?.name ?? '';
  if (name === '' || name === `${spec.names.plural}.${spec.group}`) return [];
  return [invalidValue(fieldPath('metadata', 'name'), name, 'must be spec.names.plural+"."+spec.group')];
}

function validateSpec(crd: CustomResourceDefinition): FieldError[] {
  const { spec } = crd;
  const errors: FieldError[] = [...validateGroup(spec.group), ...validateScope(spec.scope)];
  const versions = spec.versions ?? [];
  versions.forEach((version, at) => {
    if (version.schema?.openAPIV3Schema === undefined) {
      errors.push(required(SPEC.child('versions').index(at).child('schema', 'openAPIV3Schema')));
    }
  });
  versions.forEach((version, at) => {
    const path = SPEC.child('versions').index(at);
    const nameErrors = isDNS1035Label(version.name);
    if (nameErrors.length > 0) errors.push(invalidValue(path.child('name'), version.name, nameErrors.join(',')));
    for (const why of deprecationErrors(version.deprecated === true, version.deprecationWarning)) {
      errors.push(invalidValue(path.child('deprecationWarning'), version.deprecationWarning, why));
    }
  });
  if (new Set(versions.map((version) => version.name)).size < versions.length) {
    errors.push(invalidValue(SPEC.child('versions'), versions, 'must contain unique version names'));
  }
  if (versions.filter((version) => version.storage).length !== 1) {
    errors.push(
      invalidValue(SPEC.child('versions'), versions, 'must have exactly one version marked as storage version'),
    );
  }
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!spec.names[name]) errors.push(required(SPEC.child('names', name)));
  }
  errors.push(...validateNames(spec.names, SPEC.child('names')));
  for (const { value, path, hasStatus } of placedValues(crd, 'schema'))
    errors.push(...validateCrdSchema(value.openAPIV3Schema, hasStatus, path));
  for (const { value, path } of placedValues(crd, 'subresources')) errors.push(...validateSubresources(value, path));
  for (const { value, path } of placedValues(crd, 'additionalPrinterColumns')) {
    value.forEach((column, at) => errors.push(...validatePrinterColumn(column, path.index(at))));
  }
  for (const { value, path } of placedValues(crd, 'selectableFields')) {
    const schema = versions.find((version) => deepEqual(version.selectableFields, value))?.schema?.openAPIV3Schema;
    errors.push(...validateSelectableFields(value, schema, path));
  }
  return [...errors, ...validateConversion(spec.conversion, SPEC.child('conversion'))];
}

function validateGroup(group: string): FieldError[] {
  const path = SPEC.child('group');
  if (!group) return [required(path)];
  const errors = isDNS1123Subdomain(group);
  if (errors.length > 0) return [invalidValue(path, group, errors.join(','))];
  return group.includes('.') ? [] : [invalidValue(path, group, 'should be a domain with at least one dot')];
}

const SCOPES = ['Cluster', 'Namespaced'];

function validateScope(scope: string): FieldError[] {
  if (!scope) return [required(SPEC.child('scope'))];
  return SCOPES.includes(scope) ? [] : [notSupported(SPEC.child('scope'), scope, SCOPES)];
}

const DEPRECATION_WARNING_MAX_LENGTH = 256;

function deprecationErrors(deprecated: boolean, warning: string | undefined): string[] {
  if (warning === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const errors: string[] = [];
  if (warning.length > DEPRECATION_WARNING_MAX_LENGTH)
    errors.push(`must be <= ${DEPRECATION_WARNING_MAX_LENGTH} characters long`);
  if (warning === '') errors.push('must not be an empty string');
  const unprintable = warning.search(/[\p{C}\p{Zl}\p{Zp}]/u);
  if (unprintable >= 0) {
    errors.push(`must only contain printable UTF-8 characters; non-printable character found at index ${unprintable}`);
  }
  return errors;
}

/** A version that objects may still be stored in must stay, or they could not be read. */
function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const path = fieldPath('status', 'storedVersions');
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalidValue(path, stored, 'must have at least one stored version')];
  const versions = spec.versions ?? [];
  const errors = versions
    .filter((version) => version.storage && !stored.includes(version.name))
    .map((version) => invalidValue(path, stored, `must have the storage version ${version.name}`));
  stored.forEach((name, at) => {
    if (versions.some((version) => version.name === name)) return;
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalidValue(path.index(at), name, why));
  });
  return errors;
}
