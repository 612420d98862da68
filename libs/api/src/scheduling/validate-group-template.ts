import {
  deepEqual,
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
const MAX_TOPOLOGIES = 1;
const MAX_PRIORITY = 1_000_000_000;
/** Of a group, and of what its status says of them. */
export const MAX_CLAIMS = 4;

/** What a PodGroup and the template of one have in common. Upstream declares these rules with the types. */
export function validateGroupTemplate(
  template: Omit<PodGroupTemplate, 'name'>,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { schedulingPolicy, schedulingConstraints, resourceClaims, disruptionMode, priorityClassName, priority } =
    template;
  validatePolicy(schedulingPolicy ?? {}, path.child('schedulingPolicy'), errors);
  validateTopology(schedulingConstraints?.topology ?? [], path.child('schedulingConstraints', 'topology'), errors);
  validateNamed(resourceClaims ?? [], MAX_CLAIMS, path.child('resourceClaims'), errors, validateClaim);
  if (disruptionMode !== undefined && !DISRUPTION_MODES.includes(disruptionMode)) {
    errors.push(notSupported(path.child('disruptionMode'), disruptionMode, DISRUPTION_MODES));
  }
  if (priorityClassName) validateLongName(priorityClassName, path.child('priorityClassName'), errors);
  if (priority !== undefined && priority > MAX_PRIORITY) {
    errors.push(invalidValue(path.child('priority'), priority, `must be less than or equal to ${MAX_PRIORITY}`));
  }
}

function validatePolicy(
  policy: Partial<PodGroupTemplate['schedulingPolicy']>,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateUnion(policy, ['basic', 'gang'], path, errors);
  if (!policy.gang) return;
  const { minCount } = policy.gang;
  const at = path.child('gang', 'minCount');
  if (!minCount) errors.push(required(at));
  else if (minCount < 1) errors.push(invalidValue(at, minCount, 'must be greater than or equal to 1'));
}

function validateTopology(topology: readonly { key: string }[], path: FieldPath, errors: FieldError[]): void {
  if (topology.length > MAX_TOPOLOGIES) {
    errors.push(tooMany(path, topology.length, MAX_TOPOLOGIES));
    return;
  }
  topology.forEach(({ key }, index) => {
    const at = path.index(index).child('key');
    if (!key) errors.push(required(at));
    else errors.push(...validateLabelName(key, at));
  });
}

function validateClaim(claim: PodGroupResourceClaim, path: FieldPath, errors: FieldError[]): void {
  validateUnion(claim, ['resourceClaimName', 'resourceClaimTemplateName'], path, errors);
  validateShortName(claim.name, path.child('name'), errors);
  for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
    const name = claim[field];
    if (name !== undefined) validateLongName(name, path.child(field), errors);
  }
}

/** Exactly one of the fields is there. Upstream: validate.Union. */
export function validateUnion<T extends object>(
  value: T,
  fields: readonly (keyof T & string)[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const listOf = (names: readonly string[]): string => names.map((each) => `\`${each}\``).join(', ');
  const present = fields.filter((each) => value[each] !== undefined && value[each] !== null);
  if (present.length === 0) errors.push(invalidValue(path, '', `must specify one of: ${listOf(fields)}`));
  if (present.length > 1) {
    errors.push(invalidValue(path, `{${listOf(present)}}`, `must specify exactly one of: ${listOf(fields)}`));
  }
}

/** A list whose entries are told apart by their names. Too long a list is not looked into. */
export function validateNamed<T extends { name: string }>(
  list: readonly T[],
  max: number,
  path: FieldPath,
  errors: FieldError[],
  validateEach: (each: T, at: FieldPath, errors: FieldError[]) => void,
): void {
  if (list.length > max) {
    errors.push(tooMany(path, list.length, max));
    return;
  }
  list.forEach((each, index) => {
    if (list.findIndex(({ name }) => name === each.name) < index) errors.push(duplicate(path.index(index), each));
  });
  list.forEach((each, index) => validateEach(each, path.index(index), errors));
}

export function validateShortName(name: string, path: FieldPath, errors: FieldError[]): void {
  if (!name) errors.push(required(path));
  else pushInvalid(errors, path, name, isDNS1123Label(name));
}

export function validateLongName(name: string, path: FieldPath, errors: FieldError[]): void {
  pushInvalid(errors, path, name, nameIsDNSSubdomain(name, false));
}

/** Fields that stay as they were, each refused by itself. What is not there is shown as null, or as the empty text. */
export function validateImmutableFields<T extends object>(
  next: T,
  old: T,
  fields: readonly (keyof T & string)[],
  path: FieldPath,
): FieldError[] {
  return fields
    .filter((each) => !deepEqual(next[each] ?? null, old[each] ?? null))
    .map((each) => {
      const shown = next[each] ?? (typeof old[each] === 'string' ? '' : null);
      return invalidValue(path.child(each), shown, 'field is immutable');
    });
}
