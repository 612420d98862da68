import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ApiRequest } from '../request.ts';
import { validatePolicy } from './validate-policy.ts';

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

const FIELDS = new Set(['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields']);

/** `--audit-policy-file`: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy. Throws when it is none. */
export function readAuditPolicy(path: string): AuditPolicy {
  const policy = parse(readFileSync(path, 'utf8')) as Partial<AuditPolicy> & { kind?: string; apiVersion?: string };
  const fail = (why: string): never => {
    throw new Error(`loading audit policy file: ${why}: from file ${path}`);
  };
  if (policy?.kind !== 'Policy' || policy.apiVersion !== 'audit.k8s.io/v1') {
    fail(`failed decoding: expected an audit.k8s.io/v1 Policy`);
  }
  const unknown = Object.keys(policy).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) fail(`failed decoding: strict decoding error: unknown field "${unknown}"`);
  const errors = validatePolicy(policy).map(String);
  if (errors.length > 0) fail(errors.length > 1 ? `[${errors.join(', ')}]` : errors[0]!);
  const { rules = [], omitStages = [], omitManagedFields = false } = policy;
  if (rules.length === 0) fail('loaded illegal policy with 0 rules');
  return { rules, omitStages, omitManagedFields };
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
