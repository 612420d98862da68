import { deepEqual, forbidden, notFound, type KubeObject, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { ClusterRole, RoleBinding } from '@pilothouse/api';
import type { UserInfo } from '../../authentication/user-info.ts';
import type { WriteContext } from '../../registry/write-context.ts';
import type { WriteHooks } from '../../registry/write-hooks.ts';
import type { Authorizer } from '../authorizer.ts';
import type { PolicyRule } from '../rule-resolver.ts';
import type { RbacPolicy } from './rbac-policy.ts';
import { describeRules, uncoveredRules } from './rules-cover.ts';

/** What may do all there is. */
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

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
    if ((aggregates(object) || aggregates(old)) && uncoveredRules(rules, EVERYTHING).length > 0) {
      throw forbidden(definition, name, 'must have cluster-admin privileges to use the aggregationRule');
    }
    return undefined;
  };
  return {
    beginCreate: (object, context) => check(object, undefined, context),
    beginUpdate: (object, old, context) => check(object, old, context),
  };
}

/** Whether only what collecting garbage needs has changed. Upstream: IsOnlyMutatingGCFields. */
function unchanged(object: KubeObject, old: KubeObject | undefined): boolean {
  return old !== undefined && deepEqual(lasting(object), lasting(old));
}

function lasting({ metadata = {}, ...content }: KubeObject): object {
  const { labels = {}, annotations = {}, deletionTimestamp } = metadata;
  return { ...content, labels, annotations, deletionTimestamp };
}

/** A role that takes rules from others can take any. */
function aggregates(object: KubeObject | undefined): boolean {
  return ((object as ClusterRole | undefined)?.aggregationRule?.clusterRoleSelectors ?? []).length > 0;
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
  return forbidden(
    definition,
    name,
    `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${describeRules(missing)}`,
  );
}
