import type { Node, Pod, TopologySpreadConstraint } from '@pilothouse/api';
import type { NodeInfo } from '../cache/node-info.ts';
import { readArgs } from '../config/plugin-args.ts';
import { Action } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle-state.ts';
import { MAX_NODE_SCORE, type PluginFactory } from '../framework/plugin.ts';
import { SKIP, unresolvable, unschedulable } from '../framework/status.ts';
import {
  countMatchingPods,
  defaultConstraints,
  hasAllTopologyKeys,
  HOSTNAME_LABEL,
  nodeInclusion,
  ownConstraints,
  ZONE_LABEL,
  type SpreadConstraint,
  type WhenUnsatisfiable,
} from '../spreading/spread-constraint.ts';
import { SpreadCounts } from '../spreading/spread-counts.ts';
import { workloadSelector } from '../spreading/workload-selector.ts';

const REFUSED = unschedulable("node(s) didn't match pod topology spread constraints");
const REFUSED_BY_LABEL = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");

/** Upstream's defaults for the pods of a workload that says nothing itself. */
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME_LABEL, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: ZONE_LABEL, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

interface PodTopologySpreadArgs {
  defaultConstraints?: readonly TopologySpreadConstraint[];
  /** `System` (upstream's defaults) or `List` (`defaultConstraints`). */
  defaultingType?: string;
}

interface ScoreState {
  readonly constraints: readonly SpreadConstraint[];
  /** Nodes without one of the topology keys; they score 0. */
  readonly ignored: ReadonlySet<NodeInfo>;
  /** Matching pods by topology value for each constraint; not for hostnames, which are counted node by node. */
  readonly counts: readonly Map<string, number>[];
  /** Makes the counts of topologies with few and with many domains comparable. */
  readonly weights: readonly number[];
}

const filterKey = stateKey<SpreadCounts>('PreFilterPodTopologySpread', (counts) => counts.clone());
const scoreKey = stateKey<ScoreState>('PreScorePodTopologySpread');

/**
 * Spreads the pods of a workload over topology domains: DoNotSchedule constraints filter, ScheduleAnyway ones score.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
export const podTopologySpread: PluginFactory = {
  name: 'PodTopologySpread',
  build(args, { listers, snapshot }) {
    const config = readArgs<PodTopologySpreadArgs>('PodTopologySpreadArgs', args, [
      'defaultConstraints',
      'defaultingType',
    ]);
    const usesSystemDefaults = (config.defaultingType ?? 'System') === 'System';
    if (usesSystemDefaults && config.defaultConstraints?.length) {
      throw new Error('defaultingType: Invalid value: "System": when .defaultConstraints are not empty');
    }
    const defaults = usesSystemDefaults ? SYSTEM_DEFAULTS : (config.defaultConstraints ?? []);
    const constraintsOf = (pod: Pod, kind: WhenUnsatisfiable): SpreadConstraint[] => {
      if (pod.spec.topologySpreadConstraints?.length) return ownConstraints(pod, kind);
      if (!defaults.some((constraint) => constraint.whenUnsatisfiable === kind)) return [];
      return defaultConstraints(defaults, kind, workloadSelector(pod, listers));
    };

    return {
      name: 'PodTopologySpread',
      preFilter(state, { pod }, nodes) {
        const constraints = constraintsOf(pod, 'DoNotSchedule');
        if (constraints.length === 0) return { status: SKIP };
        state.write(filterKey, SpreadCounts.of(pod, constraints, nodes));
        return undefined;
      },
      preFilterExtensions: {
        addPod: (state, { pod }, added, node) => state.read(filterKey)?.update(pod, added.pod, node, 1),
        removePod: (state, { pod }, removed, node) => state.read(filterKey)?.update(pod, removed.pod, node, -1),
      },
      filter(state, { pod }, node) {
        const counts = state.mustRead(filterKey);
        for (const [i, { topologyKey, selector, maxSkew }] of counts.constraints.entries()) {
          const value = node.labels[topologyKey];
          if (value === undefined) return REFUSED_BY_LABEL;
          const itself = selector.matches(pod.metadata.labels) ? 1 : 0;
          if (counts.inDomain(i, value) + itself - counts.minimum(i) > maxSkew) return REFUSED;
        }
        return undefined;
      },

      preScore(state, { pod }, nodes) {
        const constraints = constraintsOf(pod, 'ScheduleAnyway');
        if (constraints.length === 0) return SKIP;
        // By the system's defaults a node without a zone is still spread over by its hostname.
        const needsAllKeys = !!pod.spec.topologySpreadConstraints?.length || !usesSystemDefaults;
        state.write(scoreKey, scoreState(pod, constraints, needsAllKeys, nodes, snapshot.nodes));
        return undefined;
      },
      score(state, { namespace }, node) {
        const { constraints, ignored, counts, weights } = state.mustRead(scoreKey);
        if (ignored.has(node)) return 0;
        let score = 0;
        constraints.forEach(({ topologyKey, selector, maxSkew }, i) => {
          const value = node.labels[topologyKey];
          if (value === undefined) return;
          const count =
            topologyKey === HOSTNAME_LABEL
              ? countMatchingPods(node, selector, namespace)
              : (counts[i]!.get(value) ?? 0);
          score += count * weights[i]! + (maxSkew - 1);
        });
        return Math.round(score);
      },
      normalizeScores(state, _pod, nodes, scores) {
        const { ignored } = state.mustRead(scoreKey);
        let [min, max] = [Number.MAX_SAFE_INTEGER, 0];
        nodes.forEach((node, i) => {
          if (ignored.has(node)) return;
          min = Math.min(min, scores[i]!);
          max = Math.max(max, scores[i]!);
        });
        nodes.forEach((node, i) => {
          if (ignored.has(node)) scores[i] = 0;
          else if (max === 0) scores[i] = MAX_NODE_SCORE;
          else scores[i] = Math.trunc((MAX_NODE_SCORE * (max + min - scores[i]!)) / max);
        });
      },

      events: [
        {
          resource: 'AssignedPod',
          actions: Action.Add | Action.Delete | Action.UpdatePodLabel,
          hint(pod, before, after) {
            const counted = (changed: Pod | undefined) =>
              !!changed &&
              changed.metadata.namespace === pod.metadata.namespace &&
              constraintsOf(pod, 'DoNotSchedule').some(({ selector }) => selector.matches(changed.metadata.labels));
            return counted(before as Pod | undefined) || counted(after as Pod | undefined) ? 'Queue' : 'QueueSkip';
          },
        },
        {
          resource: 'Node',
          actions: Action.Add | Action.Delete | Action.UpdateNodeLabel | Action.UpdateNodeTaint,
          hint(pod, before, after) {
            const constraints = constraintsOf(pod, 'DoNotSchedule');
            const counts = (node: Node | undefined) =>
              !!node && hasAllTopologyKeys(node.metadata.labels ?? {}, constraints);
            return counts(before as Node | undefined) || counts(after as Node | undefined) ? 'Queue' : 'QueueSkip';
          },
        },
        {
          resource: 'TargetPod',
          actions: Action.UpdatePodLabel,
          hint: (pod, _before, after) => (after?.metadata?.uid === pod.metadata.uid ? 'Queue' : 'QueueSkip'),
        },
      ],
    };
  },
};

/** Domains are those of the nodes that fit; the pods in them are counted on all nodes. */
function scoreState(
  pod: Pod,
  constraints: readonly SpreadConstraint[],
  needsAllKeys: boolean,
  feasible: readonly NodeInfo[],
  all: readonly NodeInfo[],
): ScoreState {
  const ignored = new Set(needsAllKeys ? feasible.filter((node) => !hasAllTopologyKeys(node.labels, constraints)) : []);
  const counts = constraints.map(() => new Map<string, number>());
  for (const node of feasible) {
    if (ignored.has(node)) continue;
    constraints.forEach(({ topologyKey }, i) => {
      if (topologyKey !== HOSTNAME_LABEL) counts[i]!.set(node.labels[topologyKey] ?? '', 0);
    });
  }

  const includes = nodeInclusion(pod);
  const namespace = pod.metadata.namespace ?? '';
  constraints.forEach((constraint, i) => {
    const domains = counts[i]!;
    if (domains.size === 0) return;
    for (const node of all) {
      if (needsAllKeys && !hasAllTopologyKeys(node.labels, constraints)) continue;
      const value = node.labels[constraint.topologyKey] ?? '';
      const count = domains.get(value);
      if (count === undefined || !includes(constraint, node.node)) continue;
      domains.set(value, count + countMatchingPods(node, constraint.selector, namespace));
    }
  });

  const weights = constraints.map(({ topologyKey }, i) => {
    const domains = topologyKey === HOSTNAME_LABEL ? feasible.length - ignored.size : counts[i]!.size;
    return Math.log(domains + 2);
  });
  return { constraints, ignored, counts, weights };
}
