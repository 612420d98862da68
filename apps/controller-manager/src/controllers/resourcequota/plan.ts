import { deepEqual, ZERO_QUANTITY, type KubeObject } from '@pilothouse/apimachinery';
import {
  addAmounts,
  maskAmounts,
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

/** What a quota's status should say: its limits, and what is used of exactly those. Pure. */
export function planQuotaStatus(
  quota: ResourceQuota,
  counted: readonly CountedObjects[],
  now: Date,
): ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {};
  const names = Object.keys(hard);
  let used: Amounts = Object.fromEntries(names.map((name) => [name, ZERO_QUANTITY]));
  for (const { evaluator, objects } of counted) {
    const matching = evaluator.matching(names);
    for (const object of objects) {
      if (!quotaMatches(evaluator, quota, names, object)) continue;
      used = addAmounts(used, maskAmounts(evaluator.usage(object, now), matching));
    }
  }
  return { hard, used: printAmounts(used) };
}

export function isCurrent(quota: ResourceQuota, status: ResourceQuotaStatus): boolean {
  return (
    deepEqual(quota.status?.hard ?? {}, status.hard ?? {}) && deepEqual(quota.status?.used ?? {}, status.used ?? {})
  );
}
