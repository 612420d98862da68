import { deepEqual, forbidden, notFound, type KubeObject, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { ClusterRole, RoleBinding } from '@pilothouse/api';
import type { UserInfo } from '../../authentication/user-info.ts';
import type { WriteContext } from '../../registry/write-context.ts';
import type { WriteHooks } from '../../registry/write-hooks.ts';
import type { Authorizer } from '../authorizer.ts';
import type { PolicyRule } from '../rule-resolver.ts';
import type { RbacPolicy } from './rbac-policy.ts';
import { describeRule, uncoveredRules } from './rules-cover.ts';

const GROUP = 'rbac.authorization.k8s.io';

/**
 * Nobody hands out more than they have, unless told that they may (`escalate`, `bind`).
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export function escalationHooks(
  definition: ResourceDefinition,
  policy: RbacPolicy,
  authorizer: Authorizer,
): WriteHooks {
  const check = async (object: KubeObject, old: KubeObject | undefined, context: WriteContext) => {
    if (context.user.groups.includes('system:masters') || unchanged(object, old)) return undefined;
    const isRole = definition.kind.endsWith('Role');
    const name = object.metadata?.name ?? '';
    const namespace = definition.namespaced ? context.namespace : '';
    const [verb, resource, target] = isRole
      ? (['escalate', definition.resource, name] as const)
      : (['bind', roleResource(object as RoleBinding), (object as RoleBinding).roleRef.name] as const);
    if (await may(authorizer, context.user, verb, resource, target, namespace)) return undefined;
    const wanted = isRole
      ? (((object as ClusterRole).rules ?? []) as readonly PolicyRule[])
      : boundRules(policy, object as RoleBinding, namespace);
    const { rules } = await policy.rulesFor(context.user, namespace);
    const missing = uncoveredRules(rules, wanted);
    if (missing.length > 0) throw escalation(definition, name, context.user, missing);
    return undefined;
  };
  return {
    beginCreate: (object, context) => check(object, undefined, context),
    beginUpdate: (object, old, context) => check(object, old, context),
  };
}

function unchanged(object: KubeObject, old: KubeObject | undefined): boolean {
  if (old === undefined) return false;
  const { metadata: _a, ...content } = object;
  const { metadata: _b, ...before } = old;
  return deepEqual(content, before);
}

const roleResource = ({ roleRef }: RoleBinding) => (roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles');

function boundRules(policy: RbacPolicy, { roleRef }: RoleBinding, namespace: string): readonly PolicyRule[] {
  const rules = policy.rulesOf(roleRef, namespace);
  if (rules) return rules;
  throw notFound({ group: GROUP, resource: roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles' }, roleRef.name);
}

async function may(
  authorizer: Authorizer,
  user: UserInfo,
  verb: string,
  resource: string,
  name: string,
  namespace: string,
) {
  const place = {
    isResource: true,
    path: '',
    apiGroup: GROUP,
    apiVersion: '*',
    namespace,
    resource,
    subresource: '',
    name,
  };
  return (await authorizer.authorize({ user, verb, ...place })).decision === 'allow';
}

function escalation(definition: ResourceDefinition, name: string, user: UserInfo, missing: readonly PolicyRule[]) {
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const lines = missing.map(describeRule).join('\n');
  return forbidden(
    definition,
    name,
    `user "${user.name}" (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${lines}`,
  );
}
