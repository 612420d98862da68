import type { Subject } from '@pilothouse/api';
import type { PolicyRule } from '../../authorization/rule-resolver.ts';
import { EXTENSION_READER } from './component-roles.ts';
import { EVENTS, READ, rule } from './rule.ts';

const user = (name: string): Subject => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });
const account = (name: string): Subject => ({ kind: 'ServiceAccount', namespace: 'kube-system', name });

export interface NamespaceRole {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** The binding's name where it is not the role's. */
  readonly bindingName?: string;
  readonly subjects: readonly Subject[];
}

/** A lock in a ConfigMap, as before there were Leases. */
function leaderLocking(component: string): NamespaceRole {
  return {
    namespace: 'kube-system',
    name: `system::leader-locking-${component}`,
    rules: [rule('watch', 'core', 'configmaps'), rule('get update', 'core', 'configmaps', component)],
    subjects: [user(`system:${component}`), account(component)],
  };
}

/** Roles inside single namespaces, with their bindings. Upstream: namespace_policy.go. */
export const NAMESPACE_ROLES: readonly NamespaceRole[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: [EXTENSION_READER],
    bindingName: 'system::extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: [rule(READ, 'core', 'secrets')],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: [rule('create get list watch', 'core', 'configmaps')],
    subjects: [account('cloud-provider')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: [rule('delete get list watch', 'core', 'secrets'), EVENTS],
    subjects: [account('token-cleaner')],
  },
  leaderLocking('kube-controller-manager'),
  leaderLocking('kube-scheduler'),
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [rule(READ, 'core', 'configmaps'), rule('update', 'core', 'configmaps', 'cluster-info'), EVENTS],
    subjects: [account('bootstrap-signer')],
  },
];
