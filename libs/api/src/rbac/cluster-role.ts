import {
  fieldPath,
  invalidValue,
  isLabelValue,
  nameIsPathSegment,
  required,
  validateLabelSelector,
  type FieldError,
} from '@pilothouse/apimachinery';
import type { ClusterRole, LabelSelector } from '@pilothouse/api';
import { parseSelector } from '../apps/workload.ts';
import type { KindBehaviour } from '../kind.ts';
import { createdAtColumn, nameColumn } from '../printing/index.ts';
import { validateRules } from './policy-rules.ts';

export const clusterRole: KindBehaviour<ClusterRole> = {
  group: 'rbac.authorization.k8s.io',
  kind: 'ClusterRole',
  columns: [nameColumn, createdAtColumn],
  strategy: {
    validateName: nameIsPathSegment,
    validate: (each: ClusterRole) => validateClusterRole(each),
    validateUpdate: validateClusterRole,
    allowCreateOnUpdate: true,
  },
};

/** `old`: values that were not checked once must not keep the rest from changing. */
function validateClusterRole({ rules, aggregationRule }: ClusterRole, old?: ClusterRole): FieldError[] {
  const errors = validateRules(rules ?? [], false);
  if (!aggregationRule) return errors;
  const path = fieldPath('aggregationRule', 'clusterRoleSelectors');
  const hadInvalid = (old?.aggregationRule?.clusterRoleSelectors ?? []).some(hasInvalidValue);
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  }
  selectors.forEach((selector, i) => {
    errors.push(...validateLabelSelector(selector, path.index(i), { allowInvalidLabelValueInSelector: hadInvalid }));
    // Upstream has lost the selector by the time it complains.
    if (!parseSelector(selector)) errors.push(invalidValue(path.index(i), null, 'invalid label selector.'));
  });
  return errors;
}

const hasInvalidValue = ({ matchExpressions = [] }: LabelSelector): boolean =>
  matchExpressions.some(({ values = [] }) => values.some((value) => isLabelValue(value).length > 0));
