import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1123Label,
  nameIsDNSSubdomain,
  notSupported,
  required,
  tooMany,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { PodGroupResourceClaim, PodGroupTemplate } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const DISRUPTION_MODES = ['Pod', 'PodGroup'];
const MAX_CLAIMS = 4;
const MAX_TOPOLOGIES = 1;

/** What a PodGroup and the template of one have in common. */
export function validateGroupTemplate(
  template: Omit<PodGroupTemplate, 'name'>,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { schedulingPolicy, schedulingConstraints, resourceClaims = [], disruptionMode, priorityClassName } = template;
  validatePolicy(schedulingPolicy, path.child('schedulingPolicy'), errors);
  const topology = schedulingConstraints?.topology ?? [];
  const at = path.child('schedulingConstraints', 'topology');
  if (topology.length > MAX_TOPOLOGIES) errors.push(tooMany(at, topology.length, MAX_TOPOLOGIES));
  topology.forEach(({ key }, index) => {
    if (!key) errors.push(required(at.index(index).child('key')));
    else errors.push(...validateLabelName(key, at.index(index).child('key')));
  });
  validateClaims(resourceClaims, path.child('resourceClaims'), errors);
  if (disruptionMode !== undefined && !DISRUPTION_MODES.includes(disruptionMode)) {
    errors.push(notSupported(path.child('disruptionMode'), disruptionMode, DISRUPTION_MODES));
  }
  if (priorityClassName)
    pushInvalid(
      errors,
      path.child('priorityClassName'),
      priorityClassName,
      nameIsDNSSubdomain(priorityClassName, false),
    );
}

function validatePolicy(
  { basic, gang }: PodGroupTemplate['schedulingPolicy'],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (basic && gang)
    errors.push(invalidValue(path, '{`basic`, `gang`}', 'must specify exactly one of: `basic`, `gang`'));
  else if (!basic && !gang) errors.push(invalidValue(path, '', 'must specify one of: `basic`, `gang`'));
  if (!gang) return;
  const at = path.child('gang', 'minCount');
  if (!gang.minCount) errors.push(required(at));
  else if (gang.minCount < 1) errors.push(invalidValue(at, gang.minCount, 'must be greater than or equal to 1'));
}

function validateClaims(claims: readonly PodGroupResourceClaim[], path: FieldPath, errors: FieldError[]): void {
  if (claims.length > MAX_CLAIMS) errors.push(tooMany(path, claims.length, MAX_CLAIMS));
  const names = new Set<string>();
  claims.forEach(({ name, resourceClaimName, resourceClaimTemplateName }, index) => {
    const at = path.index(index);
    if (!name) errors.push(required(at.child('name')));
    else pushInvalid(errors, at.child('name'), name, isDNS1123Label(name));
    if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      errors.push(
        invalidValue(at, name, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      );
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      errors.push(invalidValue(at, name, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    }
    for (const [field, value] of [
      ['resourceClaimName', resourceClaimName],
      ['resourceClaimTemplateName', resourceClaimTemplateName],
    ] as const) {
      if (value !== undefined) pushInvalid(errors, at.child(field), value, nameIsDNSSubdomain(value, false));
    }
  });
}
