import type { AuthorizationAttributes } from '../authorizer.ts';
import type { PolicyRule } from '../rule-resolver.ts';

/** Whether one rule lets this through. Upstream: plugin/pkg/auth/authorizer/rbac RuleAllows. */
export function ruleAllows(rule: PolicyRule, attributes: AuthorizationAttributes): boolean {
  if (!includesOrAll(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, attributes.path));
  const resource = attributes.subresource ? `${attributes.resource}/${attributes.subresource}` : attributes.resource;
  return (
    includesOrAll(rule.apiGroups ?? [], attributes.apiGroup) &&
    resourceMatches(rule.resources ?? [], resource, attributes.subresource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  );
}

function includesOrAll(list: readonly string[], wanted: string): boolean {
  return list.includes('*') || list.includes(wanted);
}

function resourceMatches(resources: readonly string[], wanted: string, subresource: string): boolean {
  if (includesOrAll(resources, wanted)) return true;
  return subresource !== '' && resources.includes(`*/${subresource}`);
}

/** `*` at the end of a path stands for anything. */
export function urlMatches(rule: string, path: string): boolean {
  if (rule === '*' || rule === path) return true;
  return rule.endsWith('*') && path.startsWith(rule.slice(0, -1));
}
