import { nameIsPathSegment } from '@pilothouse/apimachinery';
import type { RoleBinding } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { bindingColumns, defaultBinding, validateBinding, validateRoleRefUpdate } from './binding.ts';

const ROLE_KINDS = ['Role', 'ClusterRole'];

export const roleBinding: KindBehaviour<RoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  kind: 'RoleBinding',
  defaults: defaultBinding,
  columns: bindingColumns,
  strategy: {
    validateName: nameIsPathSegment,
    validate: (binding: RoleBinding) => validateBinding(binding, ROLE_KINDS, true),
    validateUpdate: (binding: RoleBinding, old: RoleBinding) => [
      ...validateBinding(binding, ROLE_KINDS, true),
      ...validateRoleRefUpdate(binding, old),
    ],
    allowCreateOnUpdate: true,
  },
};
