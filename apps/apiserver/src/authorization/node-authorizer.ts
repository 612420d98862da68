import type { Authorizer, Decision } from './authorizer.ts';
import type { PolicyRule } from './rule-resolver.ts';
import { ruleAllows } from './rbac/rule-allows.ts';

const NODE_PREFIX = 'system:node:';
const NODES_GROUP = 'system:nodes';

/** The name of the node that the user is, if it is one. */
export function nodeNameOf({ name, groups }: { name: string; groups: readonly string[] }): string | undefined {
  return groups.includes(NODES_GROUP) && name.startsWith(NODE_PREFIX) ? name.slice(NODE_PREFIX.length) : undefined;
}

/**
 * What a kubelet may do by being one. https://kubernetes.io/docs/reference/access-authn-authz/node/
 * Its own objects are told from others' by admission (NodeRestriction).
 */
export function nodeAuthorizer(rules: readonly PolicyRule[]): Authorizer {
  return {
    async authorize(attributes) {
      if (nodeNameOf(attributes.user) === undefined) return NO_OPINION;
      return rules.some((rule) => ruleAllows(rule, attributes)) ? ALLOWED : NO_OPINION;
    },
  };
}

const NO_OPINION: Decision = { decision: 'none', reason: '' };
const ALLOWED: Decision = { decision: 'allow', reason: '' };
