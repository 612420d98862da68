import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isPathSegmentName,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { NamedRuleWithOperations, RuleWithOperations } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

/** Which requests a webhook or a policy is for. */
export function defaultRules(rules: readonly { scope?: string }[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*';
}

export function validateNamedRule(rule: NamedRuleWithOperations, path: FieldPath, errors: FieldError[]): void {
  const { resourceNames = [] } = rule;
  resourceNames.forEach((name, index) => {
    const at = path.child('resourceNames').index(index);
    pushInvalid(errors, at, name, isPathSegmentName(name));
    if (resourceNames.indexOf(name) < index) errors.push(duplicate(at, name));
  });
  validateRule(rule, path, errors);
}

export function validateRule(rule: RuleWithOperations, path: FieldPath, errors: FieldError[]): void {
  const { operations = [], apiVersions = [], scope } = rule;
  validateWords(operations, path.child('operations'), 'operations', errors);
  operations.forEach((operation, index) => {
    if (!OPERATIONS.includes(operation))
      errors.push(notSupported(path.child('operations').index(index), operation, OPERATIONS));
  });
  validateWords(rule.apiGroups ?? [], path.child('apiGroups'), 'API groups', errors);
  validateWords(apiVersions, path.child('apiVersions'), 'API versions', errors);
  apiVersions.forEach((version, index) => {
    if (version === '') errors.push(required(path.child('apiVersions').index(index)));
  });
  validateResources(rule.resources ?? [], path.child('resources'), errors);
  if (scope !== undefined && !SCOPES.includes(scope)) errors.push(notSupported(path.child('scope'), scope, SCOPES));
}

function validateWords(words: readonly string[], path: FieldPath, what: string, errors: FieldError[]): void {
  if (words.length === 0) errors.push(required(path));
  if (words.length > 1 && words.includes('*'))
    errors.push(invalidValue(path, words, `if '*' is present, must not specify other ${what}`));
}

// `pods`, `pods/status`, `pods/*`, `*/status`, `*`, `*/*`: none that another includes already.
function validateResources(resources: readonly string[], path: FieldPath, errors: FieldError[]): void {
  if (resources.length === 0) errors.push(required(path));
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  let endsWithPlainResource = false;
  resources.forEach((each, index) => {
    const at = path.index(index);
    if (each === '') {
      errors.push(required(at));
      return;
    }
    const slash = each.indexOf('/');
    if (slash < 0) {
      // As upstream: the last one without a slash decides.
      endsWithPlainResource = each !== '*';
      return;
    }
    const [resource, subresource] = [each.slice(0, slash), each.slice(slash + 1)];
    if (wholeResources.has(resource))
      errors.push(invalidValue(at, each, `if '${resource}/*' is present, must not specify ${each}`));
    if (wholeSubresources.has(subresource))
      errors.push(invalidValue(at, each, `if '*/${subresource}' is present, must not specify ${each}`));
    if (subresource === '*') wholeResources.add(resource);
    if (resource === '*') wholeSubresources.add(subresource);
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && endsWithPlainResource) {
    errors.push(
      invalidValue(path, resources, "if '*' is present, must not specify other resources without subresources"),
    );
  }
}
