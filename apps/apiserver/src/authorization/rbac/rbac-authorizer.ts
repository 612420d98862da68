import type { AuthorizationAttributes, Authorizer, Decision } from '../authorizer.ts';
import type { GrantedRules, RbacPolicy } from './rbac-policy.ts';
import { ruleAllows } from './rule-allows.ts';

/** Roles and bindings: https://kubernetes.io/docs/reference/access-authn-authz/rbac/. It only ever allows. */
export function rbacAuthorizer(policy: RbacPolicy): Authorizer {
  return {
    async authorize(attributes) {
      await policy.ready;
      for (const granted of policy.grants(attributes.user, attributes.namespace)) {
        if (granted.rules.some((rule) => ruleAllows(rule, attributes))) {
          return { decision: 'allow', reason: describe(granted, attributes) };
        }
      }
      return NO_OPINION;
    },
  };
}

const NO_OPINION: Decision = { decision: 'none', reason: '' };

function describe({ binding }: GrantedRules, { user }: AuthorizationAttributes): string {
  const { name, namespace } = binding.metadata ?? {};
  const where = namespace ? `RoleBinding "${name}/${namespace}"` : `ClusterRoleBinding "${name}"`;
  return `RBAC: allowed by ${where} of ${binding.roleRef.kind} "${binding.roleRef.name}" to User "${user.name}"`;
}
