import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '@pilothouse/api';
import type { KubeObject } from '@pilothouse/apimachinery';
import type { PolicyRule } from '../../authorization/rule-resolver.ts';
import { systemContext } from '../system-context.ts';
import { ensureObject } from '../ensure-object.ts';
import type { Resources } from '../../registry/resources.ts';
import { uncoveredRules } from '../../authorization/rbac/rules-cover.ts';
import { CLUSTER_ROLE_BINDINGS } from './bindings.ts';
import { COMPONENT_ROLES } from './component-roles.ts';
import { CONTROLLER_ROLES } from './controller-roles.ts';
import { NAMESPACE_ROLES, type NamespaceRole } from './namespace-roles.ts';
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
  const ensureRole = async (wanted: ClusterRole) => {
    const key = { namespace: '', name: wanted.metadata!.name! };
    const before = (await registry('clusterroles').peek(key))?.object as ClusterRole | undefined;
    if (before === undefined) return ensureObject(registry('clusterroles'), wanted, now);
    if (before.metadata?.annotations?.[AUTO_UPDATE] !== 'true' || wanted.aggregationRule) return;
    const rules = (before.rules ?? []) as readonly PolicyRule[];
    const missing = uncoveredRules(rules, (wanted.rules ?? []) as readonly PolicyRule[]);
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
    ...CLUSTER_ROLE_BINDINGS.map(({ role: name, subjects }) => clusterRoleBinding(name, subjects)),
    ...Object.keys(CONTROLLER_ROLES).map((name) =>
      clusterRoleBinding(`system:controller:${name}`, [{ kind: 'ServiceAccount', namespace: 'kube-system', name }]),
    ),
  ];
  await Promise.all(roles.map(ensureRole));
  await Promise.all(bindings.map((binding) => ensureObject(registry('clusterrolebindings'), binding, now)));
  await Promise.all(NAMESPACE_ROLES.map((each) => ensureObject(registry('roles'), role(each), now)));
  await Promise.all(NAMESPACE_ROLES.map((each) => ensureObject(registry('rolebindings'), roleBinding(each), now)));
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
  name: string,
  subjects: ClusterRoleBinding['subjects'] | readonly object[],
): ClusterRoleBinding {
  return {
    kind: 'ClusterRoleBinding',
    apiVersion: API_VERSION,
    metadata: bootstrapMetadata(name),
    subjects: [...(subjects ?? [])],
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
  } as ClusterRoleBinding;
}

function role({ namespace, name, rules }: NamespaceRole): Role {
  const metadata = { ...bootstrapMetadata(name), namespace };
  return {
    kind: 'Role',
    apiVersion: API_VERSION,
    metadata,
    rules: rules.map((each) => ({ ...each })),
  } as KubeObject as Role;
}

function roleBinding({ namespace, name, bindingName = name, subjects }: NamespaceRole): RoleBinding {
  return {
    kind: 'RoleBinding',
    apiVersion: API_VERSION,
    metadata: { ...bootstrapMetadata(bindingName), namespace },
    subjects: [...subjects],
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
  } as RoleBinding;
}
