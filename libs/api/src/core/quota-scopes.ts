import { type FieldError, type FieldPath, invalidValue, namedString, required } from '@pilothouse/apimachinery';
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '@pilothouse/api';
import { isStandardQuotaResource } from './resources/resource-names.ts';
import { internalForm, type InternalFields } from './validation/internal-form.ts';

const SELECTOR_FIELDS: InternalFields = {
  MatchExpressions: [
    'matchExpressions',
    null,
    { ScopeName: ['scopeName', ''], Operator: ['operator', ''], Values: ['values', null] },
  ],
};
const POD_COMPUTE = ['pods', 'cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];
const POD_RESOURCES = [...POD_COMPUTE, 'ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage'];

/** Which resources a scope can narrow; a quota of anything else in that scope would never count. */
const SCOPES: ReadonlyMap<string, (resource: string) => boolean> = new Map([
  ['Terminating', isPodResource],
  ['NotTerminating', isPodResource],
  ['BestEffort', (resource) => resource === 'pods'],
  ['NotBestEffort', isPodResource],
  ['PriorityClass', isPodResource],
  ['CrossNamespacePodAffinity', isPodResource],
  ['VolumeAttributesClass', (resource) => resource === 'persistentvolumeclaims' || resource === 'requests.storage'],
]);

const EXCLUSIVE: readonly (readonly [string, string])[] = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

/** Scopes that a pod is in or not, without values to compare. */
const EXISTS_ONLY = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];

function isPodResource(resource: string): boolean {
  return (
    POD_RESOURCES.includes(resource) || resource.startsWith('requests.hugepages-') || resource.startsWith('hugepages-')
  );
}

/** `scopes` and `scopeSelector`: which of a namespace's objects a quota counts. */
export function validateQuotaScopes(spec: ResourceQuotaSpec, path: FieldPath, errors: FieldError[]): void {
  const counted = Object.keys(spec.hard ?? {})
    .filter(isStandardQuotaResource)
    .sort();
  const scopes = spec.scopes ?? [];
  const scopesPath = path.child('scopes');
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) errors.push(invalidValue(scopesPath, scopes, 'unsupported scope'));
    for (const resource of counted) {
      if (SCOPES.get(scope)?.(resource) === false) {
        errors.push(invalidValue(scopesPath, scopes, 'unsupported scope applied to resource'));
      }
    }
  }
  validateNoConflict(scopes, scopes, scopesPath, errors);
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  const shown = spec.scopeSelector && internalForm(spec.scopeSelector, SELECTOR_FIELDS);
  const selectorPath = path.child('scopeSelector', 'matchExpressions');
  for (const requirement of requirements) {
    const scope = requirement.scopeName;
    if (!SCOPES.has(scope))
      errors.push(invalidValue(selectorPath.child('scopeName'), namedString(scope), 'unsupported scope'));
    for (const resource of counted) {
      if (SCOPES.get(scope)?.(resource) === false) {
        errors.push(invalidValue(selectorPath, shown, 'unsupported scope applied to resource'));
      }
    }
    validateRequirement(requirement, selectorPath, errors);
  }
  validateNoConflict(
    requirements.map((each) => each.scopeName),
    spec.scopes ?? null,
    selectorPath,
    errors,
  );
}

function validateNoConflict(
  used: readonly string[],
  shown: readonly string[] | null,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const pair of EXCLUSIVE) {
    if (pair.every((scope) => used.includes(scope))) errors.push(invalidValue(path, shown, 'conflicting scopes'));
  }
}

function validateRequirement(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (EXISTS_ONLY.includes(scopeName) && operator !== 'Exists') {
    const detail =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalidValue(path.child('operator'), namedString(operator), detail));
  }
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length > 0) return;
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    errors.push(required(path.child('values'), detail));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length === 0) return;
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    errors.push(invalidValue(path.child('values'), values, detail));
  } else errors.push(invalidValue(path.child('operator'), namedString(operator), 'not a valid selector operator'));
}
