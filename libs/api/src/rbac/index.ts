import type { KindBehaviour } from '../kind.ts';
import { clusterRoleBinding } from './cluster-role-binding.ts';
import { clusterRole } from './cluster-role.ts';
import { roleBinding } from './role-binding.ts';
import { role } from './role.ts';

/** The kinds of group `rbac.authorization.k8s.io`. */
export const rbacKinds: readonly KindBehaviour<any>[] = [role, clusterRole, roleBinding, clusterRoleBinding];
