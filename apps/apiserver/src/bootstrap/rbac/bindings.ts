import type { Subject } from '@pilothouse/api';

const group = (name: string): Subject => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name });
const user = (name: string): Subject => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });
const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', namespace, name });

/** Who has which cluster role from the start: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings */
export const CLUSTER_ROLE_BINDINGS: readonly { readonly role: string; readonly subjects: readonly Subject[] }[] = [
  { role: 'cluster-admin', subjects: [group('system:masters')] },
  { role: 'system:monitoring', subjects: [group('system:monitoring')] },
  { role: 'system:discovery', subjects: [group('system:authenticated')] },
  { role: 'system:basic-user', subjects: [group('system:authenticated')] },
  { role: 'system:public-info-viewer', subjects: [group('system:authenticated'), group('system:unauthenticated')] },
  { role: 'system:node-proxier', subjects: [user('system:kube-proxy')] },
  { role: 'system:kube-controller-manager', subjects: [user('system:kube-controller-manager')] },
  { role: 'pilothouse:kubelet', subjects: [user('pilothouse:kubelet')] },
  { role: 'pilothouse:metrics-server', subjects: [user('pilothouse:metrics-server')] },
  { role: 'system:kube-dns', subjects: [account('kube-system', 'kube-dns')] },
  { role: 'system:kube-scheduler', subjects: [user('system:kube-scheduler')] },
  { role: 'system:volume-scheduler', subjects: [user('system:kube-scheduler')] },
  { role: 'system:service-account-issuer-discovery', subjects: [group('system:serviceaccounts')] },
  // Nodes are authorized by being nodes; the binding is kept for those who add subjects to it.
  { role: 'system:node', subjects: [] },
];
