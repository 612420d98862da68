import {
  fieldPath,
  nameIsPathSegment,
  required,
  validateLabelSelector,
  type FieldError,
} from '@pilothouse/apimachinery';
import type { ClusterRole } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { createdAtColumn, nameColumn } from '../printing/index.ts';
import { validateRules } from './policy-rules.ts';

export const clusterRole: KindBehaviour<ClusterRole> = {
  group: 'rbac.authorization.k8s.io',
  kind: 'ClusterRole',
  columns: [nameColumn, createdAtColumn],
  strategy: {
    validateName: nameIsPathSegment,
    validate: validateClusterRole,
    validateUpdate: validateClusterRole,
    allowCreateOnUpdate: true,
  },
};

function validateClusterRole({ rules, aggregationRule }: ClusterRole): FieldError[] {
  const errors = validateRules(rules ?? [], false);
  if (!aggregationRule) return errors;
  const path = fieldPath('aggregationRule', 'clusterRoleSelectors');
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  }
  selectors.forEach((selector, i) => errors.push(...validateLabelSelector(selector, path.index(i))));
  return errors;
}
