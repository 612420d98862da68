import type { AdmissionAttributes } from '../attributes.ts';

/** The resource under which a rule is asked: the request's own, or an equivalent one. */
export interface MatchedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** `rules` of a webhook and `resourceRules` of a policy. */
export interface MatchRule {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
  /** Policies only. */
  readonly resourceNames?: readonly string[];
}

/** Whether one rule covers a request. Upstream: admission/plugin/webhook/predicates/rules. */
export function matchesRule(rule: MatchRule, attributes: AdmissionAttributes, resource: MatchedResource): boolean {
  return (
    matchesScope(rule.scope, attributes, resource) &&
    includes(rule.operations, attributes.operation) &&
    includes(rule.apiGroups, resource.group) &&
    includes(rule.apiVersions, resource.version) &&
    matchesResource(rule.resources, resource.resource, attributes.subresource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  );
}

const includes = (allowed: readonly string[] | undefined, value: string) =>
  allowed !== undefined && (allowed.includes('*') || allowed.includes(value));

/** A Namespace is in a namespace (itself) for admission, and nevertheless an object of the cluster. */
function matchesScope(
  scope: string | undefined,
  { namespace }: AdmissionAttributes,
  resource: MatchedResource,
): boolean {
  const isNamespaced = namespace !== '' && !(resource.group === '' && resource.resource === 'namespaces');
  if (scope === 'Namespaced') return isNamespaced;
  if (scope === 'Cluster') return !isNamespaced;
  return true;
}

/** `pods`, `pods/status`, `*`, `pods/*`, any resource’s `scale`. Without a slash, subresources are not meant. */
function matchesResource(patterns: readonly string[] | undefined, resource: string, subresource: string): boolean {
  return (patterns ?? []).some((pattern) => {
    const slash = pattern.indexOf('/');
    const main = slash < 0 ? pattern : pattern.slice(0, slash);
    const sub = slash < 0 ? '' : pattern.slice(slash + 1);
    return (main === '*' || main === resource) && (sub === '*' || sub === subresource);
  });
}

const ADMISSION_CONFIGURATION = new Set([
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

/** Nothing configured may stand in the way of its own correction. */
export function isAdmissionConfiguration({ definition }: AdmissionAttributes): boolean {
  return definition.group === 'admissionregistration.k8s.io' && ADMISSION_CONFIGURATION.has(definition.resource);
}
