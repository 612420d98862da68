import { nameIsPathSegment } from '@pilothouse/apimachinery';
import type { ClusterRoleBinding } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { bindingColumns, defaultBinding, validateBinding, validateRoleRefUpdate } from './binding.ts';

const ROLE_KINDS = ['ClusterRole'];

export const clusterRoleBinding: KindBehaviour<ClusterRoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  kind: 'ClusterRoleBinding',
  defaults: defaultBinding,
  columns: bindingColumns,
  strategy: {
    validateName: nameIsPathSegment,
    validate: (binding: ClusterRoleBinding) => validateBinding(binding, ROLE_KINDS, false),
    validateUpdate: (binding: ClusterRoleBinding, old: ClusterRoleBinding) => [
      ...validateBinding(binding, ROLE_KINDS, false),
      ...validateRoleRefUpdate(binding, old),
    ],
    allowCreateOnUpdate: true,
  },
};
