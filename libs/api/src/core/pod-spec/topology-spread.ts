import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  notSupported,
  required,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { TopologySpreadConstraint } from '@pilothouse/api';
import { validatePositive } from '../validation/numbers.ts';
import { validateMatchLabelKeys } from './match-label-keys.ts';

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];
const INCLUSION_POLICIES = ['Honor', 'Ignore'];

export function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[],
  path: FieldPath,
  errors: FieldError[],
): void {
  constraints.forEach((constraint, index) => {
    const at = path.index(index);
    const { topologyKey = '', whenUnsatisfiable = '' } = constraint;
    validatePositive(constraint.maxSkew, at.child('maxSkew'), errors);
    if (!topologyKey) errors.push(required(at.child('topologyKey'), 'can not be empty'));
    if (!ACTIONS.includes(whenUnsatisfiable)) {
      errors.push(notSupported(at.child('whenUnsatisfiable'), whenUnsatisfiable, ACTIONS));
    }
    const repeated = constraints
      .slice(index + 1)
      .some(
        (other) => (other.topologyKey ?? '') === topologyKey && (other.whenUnsatisfiable ?? '') === whenUnsatisfiable,
      );
    if (repeated) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
      errors.push(duplicate(at.child('{topologyKey, whenUnsatisfiable}'), pair));
    }
    validateMinDomains(constraint, at.child('minDomains'), errors);
    validateInclusion(constraint.nodeAffinityPolicy, at.child('nodeAffinityPolicy'), errors);
    validateInclusion(constraint.nodeTaintsPolicy, at.child('nodeTaintsPolicy'), errors);
    validateMatchLabelKeys(constraint, at, errors);
    if (constraint.labelSelector) {
      errors.push(...validateLabelSelector(constraint.labelSelector, at.child('labelSelector')));
    }
  });
}

function validateMinDomains(
  { minDomains, whenUnsatisfiable = '' }: TopologySpreadConstraint,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (minDomains === undefined) return;
  validatePositive(minDomains, path, errors);
  if (whenUnsatisfiable !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
    errors.push(invalidValue(path, minDomains, detail));
  }
}

function validateInclusion(policy: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (policy !== undefined && !INCLUSION_POLICIES.includes(policy)) {
    errors.push(notSupported(path, policy, INCLUSION_POLICIES));
  }
}
