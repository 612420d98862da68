import type { flowcontrolV1, FlowSchema } from '@pilothouse/api';
import type { UserInfo } from '../authentication/user-info.ts';
import type { RequestInfo } from '../request-info.ts';

type Rule = flowcontrolV1.PolicyRulesWithSubjects;
type Matches = (info: RequestInfo, user: UserInfo) => boolean;

const SERVICE_ACCOUNT = 'system:serviceaccount:';

/**
 * Whether a flow schema is for a request: made once from the schema and asked for every request.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema
 */
export function matcherOf({ spec }: FlowSchema): Matches {
  const rules = (spec.rules ?? []).map(ruleMatcher);
  return (info, user) => {
    for (const matches of rules) if (matches(info, user)) return true;
    return false;
  };
}

function ruleMatcher({ subjects, resourceRules = [], nonResourceRules = [] }: Rule): Matches {
  const isSubject = anyOf((subjects ?? []).map(subjectMatcher));
  const isResource = anyOf(resourceRules.map(resourceMatcher));
  const isPath = anyOf(nonResourceRules.map(pathMatcher));
  return (info, user) => isSubject(user) && (info.isResource ? isResource(info) : isPath(info));
}

function anyOf<T>(matchers: readonly ((value: T) => boolean)[]): (value: T) => boolean {
  const [only] = matchers;
  if (only && matchers.length === 1) return only;
  return (value) => {
    for (const matches of matchers) if (matches(value)) return true;
    return false;
  };
}

function subjectMatcher({ kind, user, group, serviceAccount }: flowcontrolV1.Subject): (asking: UserInfo) => boolean {
  if (kind === 'User' && user) return oneOf([user.name], ({ name }: UserInfo) => name);
  if (kind === 'Group' && group) {
    return group.name === '*' ? () => true : ({ groups }) => groups.includes(group.name);
  }
  if (kind === 'ServiceAccount' && serviceAccount) {
    const { namespace, name } = serviceAccount;
    const prefix = `${SERVICE_ACCOUNT}${namespace}:`;
    return name === '*' ? (asking) => asking.name.startsWith(prefix) : (asking) => asking.name === `${prefix}${name}`;
  }
  return () => false;
}

function resourceMatcher(rule: flowcontrolV1.ResourcePolicyRule): (info: RequestInfo) => boolean {
  const isVerb = oneOf(rule.verbs, ({ verb }: RequestInfo) => verb);
  const isGroup = oneOf(rule.apiGroups, ({ apiGroup }: RequestInfo) => apiGroup);
  const isResource = oneOf(rule.resources, ({ resource, subresource }: RequestInfo) =>
    subresource === '' ? resource : `${resource}/${subresource}`,
  );
  const isNamespace = oneOf(rule.namespaces, ({ namespace }: RequestInfo) => namespace);
  return (info) =>
    isVerb(info) &&
    isResource(info) &&
    isGroup(info) &&
    (info.namespace === '' ? rule.clusterScope === true : isNamespace(info));
}

function pathMatcher({ verbs, nonResourceURLs }: flowcontrolV1.NonResourcePolicyRule): (info: RequestInfo) => boolean {
  const isVerb = oneOf(verbs, ({ verb }: RequestInfo) => verb);
  const urls = nonResourceURLs ?? [];
  if (urls.includes('*')) return isVerb;
  const exact = new Set(urls);
  // `/healthz` stands for what is below it, too, as `/healthz/*` does.
  const prefixes = urls.map((url) => `${url.replace(/\/?\*?$/, '')}/`);
  return (info) => isVerb(info) && (exact.has(info.path) || prefixes.some((prefix) => info.path.startsWith(prefix)));
}

/** `*` alone is everything; validation lets it stand with nothing else. */
function oneOf<T>(values: readonly string[] | null | undefined, read: (from: T) => string): (from: T) => boolean {
  const [only] = values ?? [];
  if (values?.length === 1) return only === '*' ? () => true : (from) => read(from) === only;
  const set = new Set(values ?? []);
  return (from) => set.has(read(from));
}
