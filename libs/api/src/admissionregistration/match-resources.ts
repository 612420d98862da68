import {
  type FieldError,
  type FieldPath,
  notSupported,
  required,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { MatchResources } from '@pilothouse/api';
import { defaultRules, validateNamedRule } from './rules.ts';

export const MATCH_POLICIES = ['Equivalent', 'Exact'];

/** Which requests a policy, or a binding of one, is for. */
export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

export function validateMatchResources(match: MatchResources, path: FieldPath, errors: FieldError[]): void {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules, excludeResourceRules } = match;
  if (matchPolicy === undefined) errors.push(required(path.child('matchPolicy')));
  else if (!MATCH_POLICIES.includes(matchPolicy))
    errors.push(notSupported(path.child('matchPolicy'), matchPolicy, MATCH_POLICIES));
  for (const [name, selector] of [
    ['namespaceSelector', namespaceSelector],
    ['objectSelector', objectSelector],
  ] as const) {
    if (selector) errors.push(...validateLabelSelector(selector, path.child(name)));
    else errors.push(required(path.child(name)));
  }
  resourceRules?.forEach((rule, index) => validateNamedRule(rule, path.child('resourceRules').index(index), errors));
  excludeResourceRules?.forEach((rule, index) =>
    validateNamedRule(rule, path.child('excludeResourceRules').index(index), errors),
  );
}

/** The rules of what is about some operations only, all errors at one place. */
export function validateOperations(
  match: MatchResources | undefined,
  operations: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const rule of match?.resourceRules ?? []) {
    for (const operation of rule.operations ?? []) {
      if (!operations.includes(operation))
        errors.push(notSupported(path.child('resourceRules', 'operations'), operation, operations));
    }
  }
}

/** A policy must name resources: they are also what its expressions are typed by. */
export function validateMatchConstraints(
  match: MatchResources | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!match) {
    errors.push(required(path));
    return;
  }
  validateMatchResources(match, path, errors);
  if (!match.resourceRules?.length) errors.push(required(path.child('resourceRules')));
}
