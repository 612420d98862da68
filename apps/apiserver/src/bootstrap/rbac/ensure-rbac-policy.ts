import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '@pilothouse/api';
import type { KubeObject } from '@pilothouse/apimachinery';
import type { PolicyRule } from '../../authorization/rule-resolver.ts';
import { systemContext } from '../system-context.ts';
import { ensureObject } from '../ensure-object.ts';
import type { Resources } from '../../registry/resources.ts';
import { uncoveredRules } from '../../authorization/rbac/rules-cover.ts';
import { CLUSTER_ROLE_BINDINGS } from './bindings.ts';
import { COMPONENT_ROLES, EXTENSION_READER } from './component-roles.ts';
import { CONTROLLER_ROLES } from './controller-roles.ts';
import { USER_ROLES } from './user-roles.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

/**
 * Makes the default roles and bindings, and gives back to the roles what has been taken from them (or what a new
 * release adds), unless their annotation says not to. Upstream: pkg/registry/rbac/reconciliation.
 */
export async function ensureRbacPolicy(resources: Resources, now: Date): Promise<void> {
  const registry = (resource: string) => resources.get(GROUP, resource).registry;
  const ensureRole = async (role: ClusterRole) => {
    const key = { namespace: '', name: role.metadata!.name! };
    const before = (await registry('clusterroles').peek(key))?.object as ClusterRole | undefined;
    if (before === undefined) return ensureObject(registry('clusterroles'), role, now);
    if (before.metadata?.annotations?.[AUTO_UPDATE] !== 'true' || role.aggregationRule) return;
    const rules = (before.rules ?? []) as readonly PolicyRule[];
    const missing = uncoveredRules(rules, (role.rules ?? []) as readonly PolicyRule[]);
    if (missing.length === 0) return;
    const extended = { ...before, rules: [...rules, ...missing] } as KubeObject;
    await registry('clusterroles').update(key, () => extended, systemContext(now), { allowUnconditional: true });
  };
  const roles = [
    ...USER_ROLES.map(({ name, rules, aggregateTo, aggregates }) => clusterRole(name, rules, aggregateTo, aggregates)),
    ...COMPONENT_ROLES.map(({ name, rules }) => clusterRole(name, rules)),
    ...Object.entries(CONTROLLER_ROLES).map(([name, rules]) => clusterRole(`system:controller:${name}`, rules)),
  ];
  const bindings = [
    ...CLUSTER_ROLE_BINDINGS.map(({ role, subjects }) => clusterRoleBinding(role, subjects)),
    ...Object.keys(CONTROLLER_ROLES).map((name) =>
      clusterRoleBinding(`system:controller:${name}`, [{ kind: 'ServiceAccount', namespace: 'kube-system', name }]),
    ),
  ];
  await Promise.all(roles.map(ensureRole));
  await Promise.all(bindings.map((binding) => ensureObject(registry('clusterrolebindings'), binding, now)));
  await ensureObject(registry('roles'), authenticationReader(), now);
  await ensureObject(registry('rolebindings'), authenticationReaderBinding(), now);
}

function bootstrapMetadata(name: string, labels: Record<string, string> = {}) {
  return { name, annotations: { [AUTO_UPDATE]: 'true' }, labels: { ...LABELS, ...labels } };
}

function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  aggregateTo: readonly string[] = [],
  aggregates?: string,
): ClusterRole {
  const label = (target: string) => `${GROUP}/aggregate-to-${target}`;
  const labels = Object.fromEntries(aggregateTo.map((target) => [label(target), 'true']));
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [label(aggregates ?? '')]: 'true' } }] };
  return {
    kind: 'ClusterRole',
    apiVersion: API_VERSION,
    metadata: bootstrapMetadata(name, labels),
    rules: rules.map((each) => ({ ...each })),
    ...(aggregates ? { aggregationRule } : {}),
  } as KubeObject as ClusterRole;
}

function clusterRoleBinding(
  role: string,
  subjects: ClusterRoleBinding['subjects'] | readonly object[],
): ClusterRoleBinding {
  return {
    kind: 'ClusterRoleBinding',
    apiVersion: API_VERSION,
    metadata: bootstrapMetadata(role),
    subjects: [...(subjects ?? [])],
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
  } as ClusterRoleBinding;
}

const READER = 'extension-apiserver-authentication-reader';

function authenticationReader(): Role {
  const metadata = { ...bootstrapMetadata(READER), namespace: 'kube-system' };
  return { kind: 'Role', apiVersion: API_VERSION, metadata, rules: [EXTENSION_READER] } as KubeObject as Role;
}

function authenticationReaderBinding(): RoleBinding {
  const users = ['system:kube-controller-manager', 'system:kube-scheduler'];
  return {
    kind: 'RoleBinding',
    apiVersion: API_VERSION,
    metadata: { ...bootstrapMetadata(`system::${READER}`), namespace: 'kube-system' },
    subjects: users.map((name) => ({ kind: 'User', apiGroup: GROUP, name })),
    roleRef: { apiGroup: GROUP, kind: 'Role', name: READER },
  } as RoleBinding;
}
