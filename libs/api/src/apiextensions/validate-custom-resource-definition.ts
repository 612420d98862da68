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
import { hoisted } from './hoisted.ts';
import { internalVersion } from './internal-form.ts';
import type { RuleChecks } from './rule-checks.ts';
import { validateApiApproval } from './validate-api-approval.ts';
import { validateConversion } from './validate-conversion.ts';
import { validateNames } from './validate-names.ts';
import { validateStoredVersions } from './validate-stored-versions.ts';
import { hasDefaults, validateVersions } from './validate-versions.ts';

const SPEC = fieldPath('spec');

/** `rules` judges the CEL rules; without it they are not looked at. Upstream: ValidateCustomResourceDefinition. */
export function validateCustomResourceDefinition(crd: CustomResourceDefinition, rules?: RuleChecks): FieldError[] {
  return [
    ...validateName(crd),
    ...validateSpec(crd, undefined, rules),
    ...validateNames(crd.status?.acceptedNames, fieldPath('status', 'acceptedNames')),
    ...validateStoredVersions(crd),
    ...validateApiApproval(crd),
    ...(crd.spec.preserveUnknownFields ? [preserveUnknownFields()] : []),
  ];
}

export function validateCustomResourceDefinitionUpdate(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition,
  rules?: RuleChecks,
): FieldError[] {
  const errors = validateSpec(crd, old, rules);
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

/** Controllers write the status; what it says of versions is checked where a version goes away. */
export function validateCustomResourceDefinitionStatusUpdate({ status }: CustomResourceDefinition): FieldError[] {
  return validateNames(status?.acceptedNames, fieldPath('status', 'acceptedNames'));
}

function preserveUnknownFields(): FieldError {
  return invalidValue(
    SPEC.child('preserveUnknownFields'),
    true,
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  );
}

/** A prefix to make a name from is no better than the name would be. */
function validateName({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  return (['generateName', 'name'] as const).flatMap((field) => {
    const name = metadata?.[field] ?? '';
    if (name === '' || name === `${spec.names.plural}.${spec.group}`) return [];
    return [invalidValue(fieldPath('metadata', field), name, 'must be spec.names.plural+"."+spec.group')];
  });
}

function validateSpec(crd: CustomResourceDefinition, old?: CustomResourceDefinition, rules?: RuleChecks): FieldError[] {
  const { spec } = crd;
  const errors: FieldError[] = [...validateGroup(spec.group), ...validateScope(spec.scope)];
  const versions = spec.versions ?? [];
  versions.forEach((version, at) => {
    if (version.schema?.openAPIV3Schema === undefined) {
      errors.push(required(SPEC.child('versions').index(at).child('schema', 'openAPIV3Schema')));
    }
  });
  if (spec.preserveUnknownFields && hasDefaults(crd)) {
    const detail = 'must be false in order to use defaults in the schema';
    errors.push(invalidValue(SPEC.child('preserveUnknownFields'), true, detail));
  }
  const { own, common } = validateVersions(crd, old, rules);
  errors.push(...own, ...validateVersionList(crd));
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!spec.names[name]) errors.push(required(SPEC.child('names', name)));
  }
  errors.push(...validateNames(spec.names, SPEC.child('names')), ...common);
  const { conversion } = spec;
  if (spec.preserveUnknownFields && conversion && conversion.strategy !== 'None') {
    const detail = 'must be None if spec.preserveUnknownFields is true';
    errors.push(invalidValue(SPEC.child('conversion', 'strategy'), conversion.strategy, detail));
  }
  return [...errors, ...validateConversion(conversion, SPEC.child('conversion'), old)];
}

function validateVersionList(crd: CustomResourceDefinition): FieldError[] {
  const versions = crd.spec.versions ?? [];
  const { own } = hoisted(crd);
  const path = SPEC.child('versions');
  const printed = versions.map((version, at) => internalVersion(version, own[at]!));
  const errors: FieldError[] = [];
  if (new Set(versions.map((version) => version.name)).size < versions.length)
    errors.push(invalidValue(path, printed, 'must contain unique version names'));
  if (versions.filter((version) => version.storage).length !== 1)
    errors.push(invalidValue(path, printed, 'must have exactly one version marked as storage version'));
  // Upstream's internal form repeats the name of the first version, which messages repeat too.
  const first = versions[0]?.name ?? '';
  const firstErrors = first === '' ? [] : isDNS1035Label(first);
  if (firstErrors.length > 0) errors.push(invalidValue(SPEC.child('version'), first, firstErrors.join(',')));
  return errors;
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
