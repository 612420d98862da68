import { scaledIntOrPercent } from '@pilothouse/apimachinery';
import type { Condition, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '@pilothouse/api';
import { isPodReady } from '@pilothouse/controller';
import { formatTime, setCondition } from '../conditions.ts';

/** An eviction that was allowed should show as a deletion within this time, or it did not happen. */
const DELETION_TIMEOUT_MS = 2 * 60_000;
const DISRUPTION_ALLOWED = 'DisruptionAllowed';

export interface ExpectedPods {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** Whether the budget is in terms of how many pods there should be, which only their controllers know. */
export function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string';
}

/** How many there should be, and how many of them healthy at least. `scale` is what the controllers want in all. */
export function planExpectedPods({ spec }: PodDisruptionBudget, podCount: number, scale: number): ExpectedPods {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable !== undefined) {
    return { expectedPods: scale, desiredHealthy: Math.max(0, scale - scaled(maxUnavailable, scale)) };
  }
  if (typeof minAvailable === 'number') return { expectedPods: podCount, desiredHealthy: minAvailable };
  if (typeof minAvailable === 'string') return { expectedPods: scale, desiredHealthy: scaled(minAvailable, scale) };
  return { expectedPods: 0, desiredHealthy: 0 };
}

/** Both kinds of percentage round up: towards more healthy pods for minAvailable, towards progress for maxUnavailable. */
function scaled(value: number | string, total: number): number {
  const result = scaledIntOrPercent(value, total, true);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

export interface Disruptions {
  /** Evicted pods that are not seen to be deleted yet: pod name → when. */
  readonly pending: Readonly<Record<string, string>>;
  /** Pods that were to be deleted and were not. */
  readonly failed: readonly Pod[];
  /** When the first pending one is given up. */
  readonly recheckAfterMs: number | undefined;
}

/** Which of the evictions that the apiserver noted down still have to be waited for. */
export function planDisruptions({ status }: PodDisruptionBudget, pods: readonly Pod[], now: Date): Disruptions {
  const pending: Record<string, string> = {};
  const failed: Pod[] = [];
  let recheckAfterMs: number | undefined;
  for (const pod of pods) {
    const name = pod.metadata.name ?? '';
    const since = status?.disruptedPods?.[name];
    if (since === undefined || pod.metadata.deletionTimestamp) continue;
    const leftMs = Date.parse(since) + DELETION_TIMEOUT_MS - now.getTime();
    if (leftMs < 0) {
      failed.push(pod);
    } else {
      pending[name] = since;
      recheckAfterMs = Math.min(leftMs, recheckAfterMs ?? leftMs);
    }
  }
  return { pending, failed, recheckAfterMs };
}

/** Ready, not going, and not about to go. */
export function countHealthy(pods: readonly Pod[], pending: Disruptions['pending']): number {
  return pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && pending[pod.metadata.name ?? ''] === undefined && isPodReady(pod),
  ).length;
}

export function planStatus(
  budget: PodDisruptionBudget,
  { expectedPods, desiredHealthy }: ExpectedPods,
  currentHealthy: number,
  pending: Disruptions['pending'],
  now: Date,
): PodDisruptionBudgetStatus {
  const spare = currentHealthy - desiredHealthy;
  const disruptionsAllowed = expectedPods <= 0 || spare <= 0 ? 0 : spare;
  const allowed = disruptionsAllowed > 0;
  return {
    observedGeneration: budget.metadata.generation ?? 0,
    ...(Object.keys(pending).length > 0 ? { disruptedPods: { ...pending } } : {}),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: withCondition(
      budget,
      budget.metadata.generation,
      allowed ? 'True' : 'False',
      allowed ? 'SufficientPods' : 'InsufficientPods',
      '',
      now,
    ),
  };
}

/** What cannot be calculated must not be evicted. The generation that was understood last stays the observed one. */
export function planFailSafe(budget: PodDisruptionBudget, problem: string, now: Date): PodDisruptionBudgetStatus {
  return {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...budget.status,
    disruptionsAllowed: 0,
    conditions: withCondition(budget, budget.status?.observedGeneration, 'False', 'SyncFailed', problem, now),
  };
}

function withCondition(
  { status }: PodDisruptionBudget,
  observedGeneration = 0,
  value: string,
  reason: string,
  message: string,
  now: Date,
): Condition[] {
  const condition: Condition = {
    type: DISRUPTION_ALLOWED,
    status: value,
    observedGeneration,
    lastTransitionTime: formatTime(now),
    reason,
    message,
  };
  return setCondition(status?.conditions, condition).map((each) =>
    each.type === DISRUPTION_ALLOWED ? { ...condition, lastTransitionTime: each.lastTransitionTime } : each,
  );
}
