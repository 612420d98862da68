import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { AuditPolicy } from './policy.ts';
import { validatePolicy } from './validate-policy.ts';

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
