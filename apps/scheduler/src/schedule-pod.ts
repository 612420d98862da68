import type { Random } from '@pilothouse/component';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { Snapshot } from './cache/snapshot.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { ExtenderOpinion } from './extenders/consult-extenders.ts';
import { Diagnosis } from './framework/diagnosis.ts';
import type { Framework } from './framework/framework.ts';
import { unresolvable, type Status } from './framework/status.ts';
import { numFeasibleNodesToFind, type NodeCursor } from './node-sampling.ts';

/**
 * - `scheduled`: this node.
 * - `noNodes`: there are no nodes at all.
 * - `unfit`: no node fits; the diagnosis says why of each.
 * - `error`: a plugin failed.
 */
export type ScheduleResult =
  | {
      readonly kind: 'scheduled';
      readonly node: string;
      readonly evaluatedNodes: number;
      readonly feasibleNodes: number;
    }
  | { readonly kind: 'noNodes' }
  | { readonly kind: 'unfit'; readonly diagnosis: Diagnosis; readonly nodeCount: number }
  | { readonly kind: 'error'; readonly error: Error };

export interface ScheduleOptions {
  readonly random: Random;
  readonly cursor: NodeCursor;
  /** 0: adaptive. The profile's own setting goes before. */
  readonly percentageOfNodesToScore: number;
  /** What extenders have said: only nodes that they accept are looked at. */
  readonly opinion?: ExtenderOpinion;
}

/** The nodes that pass the filters, to be shown to extenders; or what `schedulePod` would say where there are none. */
export function feasibleNodes(
  pod: PodInfo,
  snapshot: Snapshot,
  framework: Framework,
  state: CycleState,
  options: ScheduleOptions,
): { readonly nodes: readonly NodeInfo[]; readonly diagnosis: Diagnosis } | ScheduleResult {
  const nodeCount = snapshot.nodes.length;
  if (nodeCount === 0) return { kind: 'noNodes' };
  const diagnosis = new Diagnosis();
  const nodes = findFeasibleNodes(pod, snapshot, framework, state, options, diagnosis);
  if (!Array.isArray(nodes)) return { kind: 'error', error: nodes };
  return nodes.length === 0 ? { kind: 'unfit', diagnosis, nodeCount } : { nodes, diagnosis };
}

/**
 * Finds the node for a pod: those that pass the filters, then the best of them by score. Pure but for the cursor and
 * for what plugins write to `state`.
 */
export function schedulePod(
  pod: PodInfo,
  snapshot: Snapshot,
  framework: Framework,
  state: CycleState,
  options: ScheduleOptions,
): ScheduleResult {
  const nodeCount = snapshot.nodes.length;
  if (nodeCount === 0) return { kind: 'noNodes' };

  const diagnosis = new Diagnosis();
  const feasible = findFeasibleNodes(pod, snapshot, framework, state, options, diagnosis);
  if (!Array.isArray(feasible)) return { kind: 'error', error: feasible };
  if (feasible.length === 0) return { kind: 'unfit', diagnosis, nodeCount };

  const evaluatedNodes = feasible.length + diagnosis.nodeStatuses.size;
  if (feasible.length === 1) return { kind: 'scheduled', node: feasible[0]!.name, evaluatedNodes, feasibleNodes: 1 };

  const scores = scoreNodes(pod, framework, state, feasible);
  if (!Array.isArray(scores)) return { kind: 'error', error: scores };
  feasible.forEach(({ name }, index) => (scores[index]! += options.opinion?.scores.get(name) ?? 0));
  const node = selectNode(feasible, scores, options.random);
  return { kind: 'scheduled', node: node.name, evaluatedNodes, feasibleNodes: feasible.length };
}

/** Runs preFilter and filter. What does not fit goes into the diagnosis. */
function findFeasibleNodes(
  pod: PodInfo,
  snapshot: Snapshot,
  framework: Framework,
  state: CycleState,
  options: ScheduleOptions,
  diagnosis: Diagnosis,
): NodeInfo[] | Error {
  const outcome = framework.runPreFilters(state, pod, snapshot.nodes);
  for (const plugin of outcome.narrowedBy) diagnosis.unschedulablePlugins.add(plugin);
  if (outcome.status) {
    if (!outcome.status.isRejected) return asError(outcome.status);
    diagnosis.nodeStatuses.setAbsent(outcome.status);
    diagnosis.preFilterMessage = outcome.status.message;
    diagnosis.addPluginStatus(outcome.status);
    return [];
  }

  // The node that preemption made room on is most likely the only one that fits.
  const { opinion } = options;
  const nominated = snapshot.get(pod.pod.status?.nominatedNodeName ?? '');
  if (nominated && (opinion?.accepted.has(nominated.name) ?? true) && !framework.runFilters(state, pod, nominated))
    return [nominated];

  let nodes = snapshot.nodes;
  if (outcome.nodeNames) {
    nodes = [...outcome.nodeNames].map((name) => snapshot.get(name)).filter((node) => node !== undefined);
    const plugins = outcome.narrowedBy.toSorted().join(' ');
    diagnosis.nodeStatuses.setAbsent(unresolvable(`node(s) didn't satisfy plugin(s) [${plugins}]`));
  }
  if (opinion) nodes = nodes.filter(({ name }) => opinion.accepted.has(name));
  return filterNodes(pod, nodes, snapshot.nodes.length, framework, state, options, diagnosis);
}

function filterNodes(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  nodeCount: number,
  framework: Framework,
  state: CycleState,
  { cursor, percentageOfNodesToScore }: ScheduleOptions,
  diagnosis: Diagnosis,
): NodeInfo[] | Error {
  const percentage = framework.percentageOfNodesToScore ?? percentageOfNodesToScore;
  const wanted = framework.plugins.score.length === 0 ? 1 : numFeasibleNodesToFind(nodes.length, percentage);
  const feasible: NodeInfo[] = [];
  let failure: Error | undefined;
  for (let i = 0; i < nodes.length && feasible.length < wanted; i++) {
    const node = nodes[(cursor.start + i) % nodes.length]!;
    const status = framework.runFilters(state, pod, node);
    if (!status) {
      feasible.push(node);
    } else if (status.code === 'Error') {
      failure = asError(status);
      break;
    } else {
      diagnosis.nodeStatuses.set(node.name, status);
      diagnosis.addPluginStatus(status);
    }
  }
  cursor.advance(feasible.length + diagnosis.nodeStatuses.size, nodeCount);
  return failure ?? feasible;
}

function scoreNodes(
  pod: PodInfo,
  framework: Framework,
  state: CycleState,
  nodes: readonly NodeInfo[],
): number[] | Error {
  const status = framework.runPreScores(state, pod, nodes);
  if (status) return asError(status);
  try {
    return framework.runScores(state, pod, nodes);
  } catch (error) {
    return error as Error;
  }
}

/** The best score; among several nodes with it, any one, each with equal chance (reservoir sampling). */
export function selectNode(nodes: readonly NodeInfo[], scores: readonly number[], random: Random): NodeInfo {
  let best = 0;
  let ties = 1;
  for (let i = 1; i < nodes.length; i++) {
    if (scores[i]! > scores[best]!) {
      best = i;
      ties = 1;
    } else if (scores[i] === scores[best]) {
      ties++;
      if (random.int(ties) === 0) best = i;
    }
  }
  return nodes[best]!;
}

function asError(status: Status): Error {
  return status.error ?? new Error(status.message);
}
