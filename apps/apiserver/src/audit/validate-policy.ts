import {
  type FieldError,
  type FieldPath,
  fieldPath,
  invalidValue,
  nameIsDNSSubdomain,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { AuditPolicy, AuditRule } from './policy.ts';

const LEVELS: readonly string[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const STAGES: readonly string[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** In upstream's order and words. */
export function validatePolicy({ rules = [] }: Partial<AuditPolicy>): FieldError[] {
  const errors: FieldError[] = [];
  rules.forEach((rule, i) => validateRule(rule, fieldPath('rules').index(i), errors));
  return errors;
}

function validateRule(rule: AuditRule, at: FieldPath, errors: FieldError[]): void {
  const { level, nonResourceURLs = [], resources = [], namespaces = [], omitStages = [] } = rule;
  if (!level) errors.push(required(at.child('level')));
  else if (!LEVELS.includes(level)) errors.push(notSupported(at.child('level'), level, LEVELS));
  nonResourceURLs.forEach((url, i) => validateUrl(url, at.child('nonResourceURLs').index(i), errors));
  for (const { group = '', resources: names = [], resourceNames = [] } of resources) {
    const problems = group === '' ? [] : nameIsDNSSubdomain(group, false);
    if (problems.length > 0) errors.push(invalidValue(at.child('resources', 'group'), group, problems.join(',')));
    if (resourceNames.length > 0 && names.length === 0) {
      const why = 'using resourceNames requires at least one resource';
      errors.push(invalidValue(at.child('resources', 'resourceNames'), resourceNames, why));
    }
  }
  omitStages.forEach((stage, i) => {
    if (STAGES.includes(stage)) return;
    errors.push(invalidValue(at.child('omitStages').index(i), stage, `allowed stages are ${STAGES.join(',')}`));
  });
  if (nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0)) {
    const why = 'rules cannot apply to both regular resources and non-resource URLs';
    errors.push(invalidValue(at.child('nonResourceURLs'), nonResourceURLs, why));
  }
}

function validateUrl(url: string, at: FieldPath, errors: FieldError[]): void {
  if (url === '*') return;
  if (!url.startsWith('/')) {
    errors.push(invalidValue(at, url, "non-resource URL rules must begin with a '/' character"));
  }
  if (url.slice(0, -1).includes('*')) {
    errors.push(invalidValue(at, url, "non-resource URL wildcards '*' must be the final character of the rule"));
  }
}
