import type { Pod } from '@pilothouse/api';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { readArgs } from '../config/plugin-args.ts';
import { Action } from '../framework/cluster-event.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { Diagnosis, fitErrorMessage, type NodeStatuses } from '../framework/diagnosis.ts';
import type { FrameworkHandle } from '../framework/handle.ts';
import type { PluginFactory, PostFilterResult } from '../framework/plugin.ts';
import { Status, unresolvable, unschedulable } from '../framework/status.ts';
import { Evictor } from '../preemption/evictor.ts';
import { judgeCandidates } from '../preemption/judge-candidates.ts';
import { pickCandidate } from '../preemption/pick-candidate.ts';
import { selectVictims, type Candidate } from '../preemption/select-victims.ts';

interface DefaultPreemptionArgs {
  /** How many nodes that would do are enough to choose from: this share of all, but at least the absolute number. */
  minCandidateNodesPercentage?: number;
  minCandidateNodesAbsolute?: number;
}

/**
 * Makes room for a pod that fits nowhere by evicting pods of lower priority.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
export const defaultPreemption: PluginFactory = {
  name: 'DefaultPreemption',
  build(args, handle) {
    const fields = ['minCandidateNodesPercentage', 'minCandidateNodesAbsolute'] as const;
    const config = readArgs<DefaultPreemptionArgs>('DefaultPreemptionArgs', args, fields);
    const { minCandidateNodesPercentage = 10, minCandidateNodesAbsolute = 100 } = config;
    if (minCandidateNodesPercentage < 0 || minCandidateNodesPercentage > 100) {
      throw new Error('minCandidateNodesPercentage: Invalid value: not in valid range [0, 100]');
    }
    if (minCandidateNodesAbsolute < 0)
      throw new Error('minCandidateNodesAbsolute: Invalid value: not in valid range [0, inf)');
    if (minCandidateNodesPercentage === 0 && minCandidateNodesAbsolute === 0) {
      throw new Error('cannot set both minCandidateNodesPercentage and minCandidateNodesAbsolute to 0');
    }
    const evictor = new Evictor(handle, 'DefaultPreemption');
    const enough = (nodes: number) =>
      Math.min(nodes, Math.max(Math.trunc((nodes * minCandidateNodesPercentage) / 100), minCandidateNodesAbsolute));

    return {
      name: 'DefaultPreemption',
      preEnqueue(pod) {
        return evictor.isPreempting(pod.metadata.uid ?? '')
          ? unresolvable('waiting for the preemption for this pod to be finished')
          : undefined;
      },
      postFilter(state, pod, statuses) {
        handle.metrics.preemptionAttempts.with().inc();
        return signed(preempt(pod, state, statuses, enough, handle, evictor));
      },
      // Whoever rejected the pod knows which deletion helps it; this only lets the event through.
      events: [{ resource: 'AssignedPod', actions: Action.Delete, hint: () => 'QueueSkip' }],
    };
  },
};

/** Whoever reads the message must know who speaks. */
function signed({ ask, ...result }: PostFilterResult): PostFilterResult {
  if (ask) return { status: undefined, ask: async () => signed(await ask()) };
  const { status } = result;
  if (!status?.message) return result;
  return { ...result, status: new Status(status.code, [`preemption: ${status.message}`], status.error) };
}

function preempt(
  pod: PodInfo,
  state: CycleState,
  statuses: NodeStatuses,
  enough: (nodes: number) => number,
  handle: FrameworkHandle,
  evictor: Evictor,
): PostFilterResult {
  const ineligible = whyIneligible(pod, statuses, handle);
  if (ineligible !== undefined) return { status: unschedulable(ineligible) };

  const nodes = handle.snapshot.nodes;
  const hopeful = statuses.nodesWithCode(nodes, 'Unschedulable');
  const diagnosis = new Diagnosis();
  diagnosis.nodeStatuses.setAbsent(unresolvable('Preemption is not helpful for scheduling'));
  const candidates = findCandidates(pod, hopeful, state, enough(hopeful.length), handle, diagnosis.nodeStatuses);
  // An empty nomination takes back one that has become pointless.
  if (candidates.length === 0)
    return { status: unschedulable(fitErrorMessage(diagnosis, nodes.length)), nominatedNode: '' };
  const decide = (left: readonly Candidate[]): PostFilterResult => {
    const best = pickCandidate(left);
    if (!best) return { status: unschedulable('no candidate node for preemption') };
    evictor.start(pod, best);
    return { status: undefined, nominatedNode: best.nodeName };
  };
  const judges = handle.extenders.filter((extender) => extender.isPreempter && extender.isInterested(pod.pod));
  if (judges.length === 0) return decide(candidates);
  return { status: undefined, ask: async () => decide(await judgeCandidates(judges, pod, candidates, handle)) };
}

/** Tries nodes from a random one on, until there are enough candidates and one of them breaks no budget. */
function findCandidates(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  state: CycleState,
  enough: number,
  handle: FrameworkHandle,
  statuses: NodeStatuses,
): Candidate[] {
  if (nodes.length === 0) return [];
  const budgets = handle.listers.podDisruptionBudgets.list();
  const offset = handle.random.int(nodes.length);
  const harmless: Candidate[] = [];
  const harmful: Candidate[] = [];
  for (let i = 0; i < nodes.length; i++) {
    if (harmless.length > 0 && harmless.length + harmful.length >= enough) break;
    const node = nodes[(offset + i) % nodes.length]!;
    const outcome = selectVictims(pod, node.clone(), state.clone(), budgets, handle);
    if (outcome instanceof Status) statuses.set(node.name, outcome);
    else (outcome.budgetViolations === 0 ? harmless : harmful).push(outcome);
  }
  return [...harmless, ...harmful];
}

/** A pod that has preempted already waits for its victims to end, unless their node has become impossible for it. */
function whyIneligible(
  { pod, priority }: PodInfo,
  statuses: NodeStatuses,
  { snapshot }: FrameworkHandle,
): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName;
  if (!nominated || statuses.get(nominated).code === 'UnschedulableAndUnresolvable') return undefined;
  for (const other of snapshot.get(nominated)?.pods.values() ?? []) {
    if (other.priority < priority && isEndingByPreemption(other.pod)) {
      return 'not eligible due to a terminating pod on the nominated node.';
    }
  }
  return undefined;
}

function isEndingByPreemption(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}
