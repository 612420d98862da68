import { deepEqual, ZERO_QUANTITY, type KubeObject } from '@pilothouse/apimachinery';
import {
  addAmounts,
  maskAmounts,
  parseAmounts,
  printAmounts,
  quotaMatches,
  type Amounts,
  type QuotaEvaluator,
  type ResourceQuota,
  type ResourceQuotaStatus,
} from '@pilothouse/api';

/** The objects of a quota's namespace that one evaluator counts. */
export interface CountedObjects {
  readonly evaluator: QuotaEvaluator;
  readonly objects: readonly KubeObject[];
}

/**
 * What a quota's status should say: its limits, and what is used of those that something counts. What nothing counts
 * keeps the usage it had. Pure.
 */
export function planQuotaStatus(
  quota: ResourceQuota,
  counted: readonly CountedObjects[],
  now: Date,
): ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {};
  const names = Object.keys(hard);
  let used: Amounts = {};
  for (const { evaluator, objects } of counted) {
    const matching = evaluator.matching(names);
    used = addAmounts(used, Object.fromEntries(matching.map((name) => [name, ZERO_QUANTITY])));
    for (const object of objects) {
      if (!quotaMatches(evaluator, quota, names, object)) continue;
      used = addAmounts(used, maskAmounts(evaluator.usage(object, now), matching));
    }
  }
  const kept = maskAmounts(parseAmounts(quota.status?.used), names);
  return { hard, used: printAmounts({ ...kept, ...used }) };
}

export function isCurrent(quota: ResourceQuota, status: ResourceQuotaStatus): boolean {
  return (
    deepEqual(quota.status?.hard ?? {}, status.hard ?? {}) && deepEqual(quota.status?.used ?? {}, status.used ?? {})
  );
}
