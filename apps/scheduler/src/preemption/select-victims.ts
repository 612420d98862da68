import type { PodDisruptionBudget } from '@pilothouse/api';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import type { FrameworkHandle } from '../framework/handle.ts';
import { unresolvable, type Status } from '../framework/status.ts';
import { divideByBudgets } from './disruption-budgets.ts';
import { byImportance } from './importance.ts';

/** The pods to evict from one node so that the preemptor fits. */
export interface Candidate {
  readonly nodeName: string;
  /** The most important first; never empty. */
  readonly victims: readonly PodInfo[];
  readonly budgetViolations: number;
}

type Filters = Pick<FrameworkHandle, 'runFilters' | 'runPreFilterAddPod' | 'runPreFilterRemovePod'>;

/**
 * Finds the least that must go: takes all pods of lower priority off the node, and if the preemptor fits then, puts
 * back as many as leave it fitting, those protected by a budget and the important ones first. Changes `state` and
 * `node`, so both must be copies. Returns a status if preemption on this node does not help.
 */
export function selectVictims(
  preemptor: PodInfo,
  node: NodeInfo,
  state: CycleState,
  budgets: readonly PodDisruptionBudget[],
  filters: Filters,
): Candidate | Status {
  const remove = (pod: PodInfo) => {
    node.removePod(pod.uid);
    filters.runPreFilterRemovePod(state, preemptor, pod, node);
  };
  const add = (pod: PodInfo) => {
    node.addPod(pod);
    filters.runPreFilterAddPod(state, preemptor, pod, node);
  };

  const lower = [...node.pods.values()].filter((pod) => pod.priority < preemptor.priority).sort(byImportance);
  if (lower.length === 0) return unresolvable('No preemption victims found for incoming pod');
  for (const pod of lower) remove(pod);
  const status = filters.runFilters(state, preemptor, node);
  if (status) return status;

  const victims: PodInfo[] = [];
  const reprieve = (pod: PodInfo): boolean => {
    add(pod);
    if (!filters.runFilters(state, preemptor, node)) return true;
    remove(pod);
    victims.push(pod);
    return false;
  };
  const { violating, nonViolating } = divideByBudgets(lower, budgets);
  const budgetViolations = violating.filter((pod) => !reprieve(pod)).length;
  for (const pod of nonViolating) reprieve(pod);
  if (victims.length === 0) throw new Error(`expected at least one victim pod on node "${node.name}"`);
  return { nodeName: node.name, victims: victims.sort(byImportance), budgetViolations };
}
