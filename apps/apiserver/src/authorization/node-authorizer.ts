import type { Resources } from '../registry/resources.ts';
import type { Authorizer, Decision } from './authorizer.ts';
import { NODE_ACCESS } from './node-access.ts';
import { ruleAllows } from './rbac/rule-allows.ts';
import type { PolicyRule } from './rule-resolver.ts';

const NODE_PREFIX = 'system:node:';
const NODES_GROUP = 'system:nodes';

/** The name of the node that the user is, if it is one. */
export function nodeNameOf({ name, groups }: { name: string; groups: readonly string[] }): string | undefined {
  return groups.includes(NODES_GROUP) && name.startsWith(NODE_PREFIX) ? name.slice(NODE_PREFIX.length) : undefined;
}

/**
 * What a kubelet may do by being one: the general rules, of pods and nodes what is its own, and of secrets, volumes and
 * the like only what the pods on its node use. https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
export function nodeAuthorizer(rules: readonly PolicyRule[], resources: Resources): Authorizer {
  return {
    async authorize(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return refusal();
      if (node === '') return refusal(`unknown node for user ${JSON.stringify(attributes.user.name)}`);
      const accessOf = attributes.isResource
        ? NODE_ACCESS.get(`${attributes.apiGroup}/${attributes.resource}`)
        : undefined;
      if (accessOf === undefined) return rules.some((rule) => ruleAllows(rule, attributes)) ? ALLOWED : refusal();
      const access = accessOf(node, attributes);
      if ('allowed' in access) return access.allowed ? ALLOWED : refusal(access.reason);
      if (attributes.name === '') return refusal('No Object name found');
      if (await access.related(resources, node, attributes)) return ALLOWED;
      return refusal(`no relationship found between node '${node}' and this object`);
    },
  };
}

const ALLOWED: Decision = { decision: 'allow', reason: '' };
const refusal = (reason = ''): Decision => ({ decision: 'none', reason });
