import type { KubeObject } from '@pilothouse/apimachinery';
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '@pilothouse/api';
import type { QuotaEvaluator } from './evaluator.ts';

/** `scopes` and `scopeSelector` as one list, all of which must hold. */
export function scopesOf({
  scopes = [],
  scopeSelector,
}: ResourceQuotaSpec): readonly ScopedResourceSelectorRequirement[] {
  return [
    ...scopes.map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(scopeSelector?.matchExpressions ?? []),
  ];
}

/** Whether a quota counts an object at all: one of its names does, and the object is in all its scopes. */
export function quotaMatches(
  evaluator: QuotaEvaluator,
  quota: ResourceQuota,
  names: readonly string[],
  object: KubeObject,
): boolean {
  if (evaluator.matching(names).length === 0) return false;
  return scopesOf(quota.spec ?? {}).every((scope) => evaluator.inScope?.(object, scope) ?? false);
}
