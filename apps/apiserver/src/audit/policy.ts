import type { ApiRequest } from '../request.ts';

/** How much of a request is written down. Each level has what the one before has. */
export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

export interface AuditRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly { group?: string; resources?: readonly string[]; resourceNames?: readonly string[] }[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** The first rule that fits decides; a request that fits none is not written down. */
export function auditDecision(policy: AuditPolicy, request: Pick<ApiRequest, 'info' | 'user'>): AuditDecision {
  const rule = policy.rules.find((each) => matches(each, request));
  return {
    level: rule?.level ?? 'None',
    omitStages: new Set([...policy.omitStages, ...(rule?.omitStages ?? [])]),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields,
  };
}

function matches(rule: AuditRule, { info, user }: Pick<ApiRequest, 'info' | 'user'>): boolean {
  if (rule.users?.length && !rule.users.includes(user.name)) return false;
  if (rule.userGroups?.length && !rule.userGroups.some((group) => user.groups.includes(group))) return false;
  if (rule.verbs?.length && !rule.verbs.includes(info.verb)) return false;
  if (rule.namespaces?.length || rule.resources?.length) {
    if (!info.isResource) return false;
    if (rule.namespaces?.length && !rule.namespaces.includes(info.namespace)) return false;
    return !rule.resources?.length || rule.resources.some((each) => matchesResource(each, info));
  }
  if (!rule.nonResourceURLs?.length) return true;
  return !info.isResource && rule.nonResourceURLs.some((url) => matchesUrl(url, info.path));
}

function matchesResource(rule: NonNullable<AuditRule['resources']>[number], info: ApiRequest['info']): boolean {
  if ((rule.group ?? '') !== info.apiGroup) return false;
  if (!rule.resources?.length) return true;
  if (rule.resourceNames?.length && !rule.resourceNames.includes(info.name)) return false;
  const combined = info.subresource ? `${info.resource}/${info.subresource}` : info.resource;
  return rule.resources.some(
    (each) =>
      each === combined ||
      each === '*' ||
      // The resource itself too, as upstream has it.
      each === `${info.resource}/*` ||
      (info.subresource !== '' && each === `*/${info.subresource}`),
  );
}

function matchesUrl(rule: string, path: string): boolean {
  if (rule === '*' || rule === path) return true;
  return rule.endsWith('*') && path.startsWith(rule.slice(0, -1));
}
