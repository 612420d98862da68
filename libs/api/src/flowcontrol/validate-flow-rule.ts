import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  nameIsDNSLabel,
  nameIsDNSSubdomain,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { flowcontrolV1 } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const SUBJECT_FIELDS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;
type SubjectKind = keyof typeof SUBJECT_FIELDS;
const SUBJECT_KINDS = Object.keys(SUBJECT_FIELDS).sort() as SubjectKind[];

/** Whose requests for what a flow schema is for. */
export function validateFlowRule(
  rule: flowcontrolV1.PolicyRulesWithSubjects,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  if (!subjects?.length) errors.push(required(path.child('subjects'), 'subjects must contain at least one value'));
  subjects?.forEach((subject, index) => validateSubject(subject, path.child('subjects').index(index), errors));
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  resourceRules.forEach((each, index) => validateResourceRule(each, path.child('resourceRules').index(index), errors));
  nonResourceRules.forEach((each, index) =>
    validateNonResourceRule(each, path.child('nonResourceRules').index(index), errors),
  );
}

function validateSubject(subject: flowcontrolV1.Subject, path: FieldPath, errors: FieldError[]): void {
  const kind = SUBJECT_KINDS.find((each) => each === subject.kind);
  if (!kind) {
    errors.push(notSupported(path.child('kind'), subject.kind, SUBJECT_KINDS.toSorted()));
    return;
  }
  const field = SUBJECT_FIELDS[kind];
  const at = path.child(field);
  const named = subject[field];
  if (!named) errors.push(required(at, `${field} is required when subject kind is '${kind}'`));
  else if (!named.name) errors.push(required(at.child('name')));
  if (subject.serviceAccount && kind === 'ServiceAccount') validateServiceAccount(subject.serviceAccount, at, errors);
  // Upstream lists the account before the user before the group.
  for (const other of SUBJECT_KINDS) {
    if (other === kind || !subject[SUBJECT_FIELDS[other]]) continue;
    errors.push(
      forbiddenField(
        path.child(SUBJECT_FIELDS[other]),
        `${SUBJECT_FIELDS[other]} is forbidden when subject kind is not '${other}'`,
      ),
    );
  }
}

function validateServiceAccount(
  { name, namespace }: flowcontrolV1.ServiceAccountSubject,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (name && name !== '*') pushInvalid(errors, path.child('name'), name, nameIsDNSSubdomain(name, false));
  if (!namespace) errors.push(required(path.child('namespace'), 'must specify namespace for service account'));
  else pushInvalid(errors, path.child('namespace'), namespace, nameIsDNSLabel(namespace, false));
}

function validateVerbs(verbs: readonly string[] | null, path: FieldPath, errors: FieldError[]): void {
  if (!verbs?.length) errors.push(required(path, 'verbs must contain at least one value'));
  else if (verbs.includes('*')) {
    if (verbs.length > 1) errors.push(invalidValue(path, verbs, "if '*' is present, must not specify other verbs"));
  } else if (!verbs.every((verb) => VERBS.includes(verb))) errors.push(notSupported(path, verbs, VERBS));
}

function validateResourceRule(rule: flowcontrolV1.ResourcePolicyRule, path: FieldPath, errors: FieldError[]): void {
  validateVerbs(rule.verbs, path.child('verbs'), errors);
  for (const [field, one, many] of [
    ['apiGroups', 'api group', 'api groups'],
    ['resources', 'resource', 'resources'],
  ] as const) {
    const values = rule[field];
    if (!values?.length) errors.push(required(path.child(field), `resource rules must supply at least one ${one}`));
    else if (values.length > 1 && values.includes('*')) {
      errors.push(invalidValue(path.child(field), values, `if '*' is present, must not specify other ${many}`));
    }
  }
  const namespaces = rule.namespaces ?? [];
  const at = path.child('namespaces');
  if (namespaces.length === 0 && !rule.clusterScope) {
    errors.push(required(at, 'resource rules that are not cluster scoped must supply at least one namespace'));
  } else if (namespaces.includes('*')) {
    if (namespaces.length > 1)
      errors.push(invalidValue(at, namespaces, "if '*' is present, must not specify other namespaces"));
  } else {
    namespaces.forEach((namespace, index) => {
      const problems = nameIsDNSLabel(namespace, false).map(
        (problem) => `each member of this list must be '*' or a DNS-1123 label; ${problem}`,
      );
      pushInvalid(errors, at.index(index), namespace, problems);
    });
  }
}

function validateNonResourceRule(
  { verbs, nonResourceURLs }: flowcontrolV1.NonResourcePolicyRule,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateVerbs(verbs, path.child('verbs'), errors);
  const at = path.child('nonResourceURLs');
  if (!nonResourceURLs?.length) errors.push(required(at, 'nonResourceURLs must contain at least one value'));
  else if (nonResourceURLs.includes('*')) {
    if (nonResourceURLs.length > 1)
      errors.push(invalidValue(at, nonResourceURLs, "if '*' is present, must not specify other non-resource URLs"));
  } else {
    nonResourceURLs.forEach((url, index) => {
      const problem = urlProblem(url);
      if (problem) errors.push(invalidValue(at.index(index), url, problem));
    });
  }
}

function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const stars = url.split('*').length - 1;
  return stars > 1 || (stars === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}
