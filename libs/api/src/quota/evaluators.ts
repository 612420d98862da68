import { claimEvaluator } from './claim-evaluator.ts';
import { deviceClaimEvaluator } from './device-claim-evaluator.ts';
import type { QuotaEvaluator } from './evaluator.ts';
import { objectCountEvaluator } from './object-count-evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';
import { serviceEvaluator } from './service-evaluator.ts';

/** Resources of which more than the number counts. */
export const quotaEvaluators: readonly QuotaEvaluator[] = [
  podEvaluator,
  serviceEvaluator,
  claimEvaluator,
  deviceClaimEvaluator,
];

const counting = new Map<string, QuotaEvaluator>();

export function quotaEvaluatorFor(group: string, resource: string): QuotaEvaluator {
  const special = quotaEvaluators.find((each) => each.group === group && each.resource === resource);
  if (special) return special;
  const key = `${group}/${resource}`;
  let evaluator = counting.get(key);
  if (evaluator === undefined) counting.set(key, (evaluator = objectCountEvaluator(group, resource)));
  return evaluator;
}
