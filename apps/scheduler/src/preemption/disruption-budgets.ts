import { selectorFromLabelSelector } from '@pilothouse/apimachinery';
import type { PodDisruptionBudget } from '@pilothouse/api';
import type { PodInfo } from '../cache/pod-info.ts';

/**
 * Divides pods, in the order given, into those whose eviction would break a PodDisruptionBudget and the rest. The ones
 * first in order use up what the budgets allow.
 */
export function divideByBudgets(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): { violating: PodInfo[]; nonViolating: PodInfo[] } {
  const allowed = budgets.map((budget) => budget.status?.disruptionsAllowed ?? 0);
  const selectors = budgets.map((budget) => selectorFromLabelSelector(budget.spec.selector));
  const violating: PodInfo[] = [];
  const nonViolating: PodInfo[] = [];
  for (const pod of pods) {
    const { labels } = pod.pod.metadata;
    let violates = false;
    // A pod without labels matches no budget, not even one for everything.
    if (labels && Object.keys(labels).length > 0) {
      budgets.forEach((budget, i) => {
        const selector = selectors[i]!;
        if (budget.metadata.namespace !== pod.namespace || selector.isEverything || !selector.matches(labels)) return;
        // Its eviction has been counted already.
        if (budget.status?.disruptedPods?.[pod.name] !== undefined) return;
        allowed[i]!--;
        if (allowed[i]! < 0) violates = true;
      });
    }
    (violates ? violating : nonViolating).push(pod);
  }
  return { violating, nonViolating };
}
