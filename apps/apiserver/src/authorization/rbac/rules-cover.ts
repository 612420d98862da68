import type { PolicyRule } from '../rule-resolver.ts';
import { urlMatches } from './rule-allows.ts';

/** The rules of `wanted`, taken apart, that `owned` does not grant. Upstream: component-helpers/auth/rbac/validation Covers. */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const apart = owned.flatMap(takeApart);
  return wanted.flatMap(takeApart).filter((rule) => !apart.some((each) => covers(each, rule)));
}

/** Into rules with one verb and one group, resource, name or path each. */
function takeApart({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const rule = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) parts.push(rule);
        else parts.push(...resourceNames.map((name) => ({ ...rule, resourceNames: [name] })));
      }
    }
  }
  for (const url of nonResourceURLs) parts.push(...verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })));
  return parts;
}

function covers(owner: PolicyRule, wanted: PolicyRule): boolean {
  const has = (list: readonly string[] | undefined, value: string | undefined) =>
    value === undefined || list?.includes('*') === true || list?.includes(value) === true;
  if (!has(owner.verbs, wanted.verbs[0])) return false;
  const url = wanted.nonResourceURLs?.[0];
  if (url !== undefined) return (owner.nonResourceURLs ?? []).some((each) => urlMatches(each, url));
  if (!owner.resources?.length || !has(owner.apiGroups, wanted.apiGroups?.[0])) return false;
  const resource = wanted.resources?.[0] ?? '';
  const [, subresource] = resource.split('/');
  const resourceCovered =
    has(owner.resources, resource) || (subresource !== undefined && owner.resources.includes(`*/${subresource}`));
  if (!resourceCovered) return false;
  if (!owner.resourceNames?.length) return true;
  const name = wanted.resourceNames?.[0];
  return name !== undefined && owner.resourceNames.includes(name);
}

/** Rules as {@link uncoveredRules} gives them, the verbs on the same thing together, each once, sorted. */
export function describeRules(rules: readonly PolicyRule[]): string {
  const verbs = new Map<string, PolicyRule>();
  const others: PolicyRule[] = [];
  for (const rule of rules) {
    if (rule.nonResourceURLs?.length) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const same = verbs.get(key);
    verbs.set(key, same ? { ...same, verbs: [...same.verbs, ...rule.verbs] } : rule);
  }
  return [...new Set([...others, ...verbs.values()].map(describeRule))].sort().join('\n');
}

/** As upstream prints rules in its refusals: `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`. */
function describeRule({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const parts: string[] = [];
  const add = (name: string, list: readonly string[] | undefined) => {
    if (list?.length) parts.push(`${name}:[${list.map((each) => JSON.stringify(each)).join(' ')}]`);
  };
  add('APIGroups', apiGroups);
  add('Resources', resources);
  add('ResourceNames', resourceNames);
  add('NonResourceURLs', nonResourceURLs);
  add('Verbs', verbs);
  return `{${parts.join(', ')}}`;
}
