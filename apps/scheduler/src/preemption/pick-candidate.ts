import type { PodInfo } from '../cache/pod-info.ts';
import { startTimeMs } from './importance.ts';
import type { Candidate } from './select-victims.ts';

/** Makes every priority positive, so that two victims are never cheaper than one. */
const PRIORITY_OFFSET = 2 ** 31;

/** What an eviction costs, the weightiest criterion first; each only decides between those equal so far. */
const COSTS: readonly ((candidate: Candidate) => number)[] = [
  ({ budgetViolations }) => budgetViolations,
  ({ victims }) => victims[0]!.priority,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + PRIORITY_OFFSET, 0),
  ({ victims }) => victims.length,
  // The work of a pod started later is the smaller loss.
  ({ victims }) => -earliestStartMs(victims),
];

/** The candidate that does the least harm; the first of equals. */
export function pickCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  let left = candidates;
  for (const cost of COSTS) {
    if (left.length <= 1) break;
    const costs = left.map(cost);
    const least = Math.min(...costs);
    left = left.filter((_, i) => costs[i] === least);
  }
  return left[0];
}

/** Of the victims with the highest priority. */
function earliestStartMs(victims: readonly PodInfo[]): number {
  const highest = victims[0]!.priority;
  return Math.min(...victims.filter(({ priority }) => priority === highest).map(startTimeMs));
}
