import type { Node, Pod } from '@pilothouse/api';
import { affinityTermsOf, type AffinityTerm, type NamespaceLabels } from '../cache/affinity-term.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Snapshot } from '../cache/snapshot.ts';
import { readArgs } from '../config/plugin-args.ts';
import { Action, type QueueingHint } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle-state.ts';
import { MAX_NODE_SCORE, type PluginFactory } from '../framework/plugin.ts';
import { SKIP, unresolvable, unschedulable, type Status } from '../framework/status.ts';
import { TopologyCounts } from '../spreading/topology-counts.ts';

const REFUSED_BY_AFFINITY = unresolvable("node(s) didn't match pod affinity rules");
const REFUSED_BY_ANTI_AFFINITY = unschedulable("node(s) didn't match pod anti-affinity rules");
const REFUSED_BY_EXISTING = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

interface InterPodAffinityArgs {
  /** What another pod's required affinity to this one counts as a preference, 0 to 100. */
  hardPodAffinityWeight?: number;
  /** Looks only at the preferences of the pod itself; faster. */
  ignorePreferredTermsOfExistingPods?: boolean;
}

/** By topology domain: which pods are there that a required term is about. */
interface FilterState {
  /** Pods already there whose anti-affinity is against this pod. */
  readonly existingAnti: TopologyCounts;
  /** Pods that match all of this pod's affinity terms. */
  readonly affinity: TopologyCounts;
  /** Pods that match one of this pod's anti-affinity terms. */
  readonly anti: TopologyCounts;
}

const filterKey = stateKey<FilterState>('PreFilterInterPodAffinity', (state) => ({
  existingAnti: state.existingAnti.clone(),
  affinity: state.affinity.clone(),
  anti: state.anti.clone(),
}));
const scoreKey = stateKey<TopologyCounts>('PreScoreInterPodAffinity');

/**
 * Honours pod affinity and anti-affinity: required terms, of the pod and (anti-affinity only) of the pods already
 * there, filter; preferred terms of both score.
 */
export const interPodAffinity: PluginFactory = {
  name: 'InterPodAffinity',
  build(args, { snapshot, listers }) {
    const fields = ['hardPodAffinityWeight', 'ignorePreferredTermsOfExistingPods'] as const;
    const config = readArgs<InterPodAffinityArgs>('InterPodAffinityArgs', args, fields);
    const hardWeight = config.hardPodAffinityWeight ?? 1;
    if (hardWeight < 0 || hardWeight > 100) throw new Error('hardPodAffinityWeight: not in valid range [0-100]');
    const namespaceLabels: NamespaceLabels = (name) => listers.namespaces.get(name)?.metadata.labels;

    return {
      name: 'InterPodAffinity',
      preFilter(state, pod, nodes) {
        const { required, requiredAnti } = pod.affinity;
        const existingAnti = existingAntiAffinity(pod, snapshot, namespaceLabels);
        if (existingAnti.isEmpty && required.length === 0 && requiredAnti.length === 0) return { status: SKIP };
        state.write(filterKey, { existingAnti, ...matchingIncomingTerms(pod, nodes, namespaceLabels) });
        return undefined;
      },
      preFilterExtensions: {
        addPod: (state, pod, added, node) => update(state.read(filterKey), pod, added, node, 1, namespaceLabels),
        removePod: (state, pod, removed, node) =>
          update(state.read(filterKey), pod, removed, node, -1, namespaceLabels),
      },
      filter(state, pod, node) {
        return rejection(state.mustRead(filterKey), pod, node, namespaceLabels);
      },

      preScore(state, pod) {
        const { preferred, preferredAnti } = pod.affinity;
        const own = preferred.length + preferredAnti.length > 0;
        if (!own && config.ignorePreferredTermsOfExistingPods && hardWeight === 0) return SKIP;
        const sums = new TopologyCounts();
        if (own) addOwnPreferences(sums, pod, snapshot.nodes, namespaceLabels);
        const ignoresPreferred = config.ignorePreferredTermsOfExistingPods ?? false;
        for (const node of snapshot.nodesWithAffinityPods()) {
          for (const existing of node.podsWithAffinity.values()) {
            const terms = existing.affinity;
            const prefers = (term: AffinityTerm, weight: number) => {
              if (term.matches(pod.pod, namespaceLabels)) sums.add(term.topologyKey, node.labels, weight);
            };
            if (hardWeight > 0) for (const term of terms.required) prefers(term, hardWeight);
            if (ignoresPreferred) continue;
            for (const term of terms.preferred) prefers(term, term.weight);
            for (const term of terms.preferredAnti) prefers(term, -term.weight);
          }
        }
        if (sums.isEmpty) return SKIP;
        state.write(scoreKey, sums);
        return undefined;
      },
      score(state, _pod, node) {
        return state.mustRead(scoreKey).sumOver(node.labels);
      },
      normalizeScores(_state, _pod, _nodes, scores) {
        const [min, max] = [Math.min(...scores), Math.max(...scores)];
        for (let i = 0; i < scores.length; i++) {
          scores[i] = max > min ? Math.trunc(MAX_NODE_SCORE * ((scores[i]! - min) / (max - min))) : 0;
        }
      },

      events: [
        {
          resource: 'AssignedPod',
          actions: Action.Add | Action.UpdatePodLabel | Action.Delete,
          hint: (pod, before, after) =>
            podHint(pod, before as Pod | undefined, after as Pod | undefined, namespaceLabels),
        },
        {
          resource: 'TargetPod',
          actions: Action.UpdatePodLabel,
          hint: (pod, _before, after) => (after?.metadata?.uid === pod.metadata.uid ? 'Queue' : 'QueueSkip'),
        },
        {
          resource: 'Node',
          actions: Action.Add | Action.UpdateNodeLabel,
          hint: (pod, before, after) => nodeHint(pod, before as Node | undefined, after as Node),
        },
      ],
    };
  },
};

function existingAntiAffinity(pod: PodInfo, snapshot: Snapshot, namespaceLabels: NamespaceLabels): TopologyCounts {
  const counts = new TopologyCounts();
  for (const node of snapshot.nodesWithRequiredAntiAffinityPods()) {
    for (const existing of node.podsWithRequiredAntiAffinity.values()) {
      for (const term of existing.affinity.requiredAnti) {
        if (term.matches(pod.pod, namespaceLabels)) counts.add(term.topologyKey, node.labels, 1);
      }
    }
  }
  return counts;
}

function matchingIncomingTerms(pod: PodInfo, nodes: readonly NodeInfo[], namespaceLabels: NamespaceLabels) {
  const [affinity, anti] = [new TopologyCounts(), new TopologyCounts()];
  const { required, requiredAnti } = pod.affinity;
  if (required.length + requiredAnti.length === 0) return { affinity, anti };
  for (const node of nodes) {
    for (const { pod: existing, count } of node.podGroups.values()) {
      if (matchesAll(required, existing, namespaceLabels)) {
        for (const term of required) affinity.add(term.topologyKey, node.labels, count);
      }
      for (const term of requiredAnti) {
        if (term.matches(existing, namespaceLabels)) anti.add(term.topologyKey, node.labels, count);
      }
    }
  }
  return { affinity, anti };
}

function update(
  state: FilterState | undefined,
  pod: PodInfo,
  changed: PodInfo,
  node: NodeInfo,
  by: 1 | -1,
  namespaceLabels: NamespaceLabels,
): void {
  if (!state) return;
  for (const term of changed.affinity.requiredAnti) {
    if (term.matches(pod.pod, namespaceLabels)) state.existingAnti.add(term.topologyKey, node.labels, by);
  }
  const { required, requiredAnti } = pod.affinity;
  if (matchesAll(required, changed.pod, namespaceLabels)) {
    for (const term of required) state.affinity.add(term.topologyKey, node.labels, by);
  }
  for (const term of requiredAnti) {
    if (term.matches(changed.pod, namespaceLabels)) state.anti.add(term.topologyKey, node.labels, by);
  }
}

function rejection(
  state: FilterState,
  pod: PodInfo,
  node: NodeInfo,
  namespaceLabels: NamespaceLabels,
): Status | undefined {
  const { required, requiredAnti } = pod.affinity;
  if (!satisfiesAffinity(state, pod, required, node, namespaceLabels)) return REFUSED_BY_AFFINITY;
  for (const { topologyKey } of requiredAnti) {
    if (state.anti.at(topologyKey, node.labels) > 0) return REFUSED_BY_ANTI_AFFINITY;
  }
  return state.existingAnti.anyAt(node.labels) ? REFUSED_BY_EXISTING : undefined;
}

function satisfiesAffinity(
  state: FilterState,
  pod: PodInfo,
  required: readonly AffinityTerm[],
  node: NodeInfo,
  namespaceLabels: NamespaceLabels,
): boolean {
  if (required.some(({ topologyKey }) => node.labels[topologyKey] === undefined)) return false;
  if (required.every(({ topologyKey }) => state.affinity.at(topologyKey, node.labels) > 0)) return true;
  // The first of a group that wants to be together may go anywhere, if it would be its own company.
  return state.affinity.isEmpty && matchesAll(required, pod.pod, namespaceLabels);
}

function addOwnPreferences(
  sums: TopologyCounts,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  namespaceLabels: NamespaceLabels,
): void {
  const { preferred, preferredAnti } = pod.affinity;
  for (const node of nodes) {
    for (const { pod: existing, count } of node.podGroups.values()) {
      for (const term of preferred) {
        if (term.matches(existing, namespaceLabels)) sums.add(term.topologyKey, node.labels, term.weight * count);
      }
      for (const term of preferredAnti) {
        if (term.matches(existing, namespaceLabels)) sums.add(term.topologyKey, node.labels, -term.weight * count);
      }
    }
  }
}

function matchesAll(terms: readonly AffinityTerm[], pod: Pod, namespaceLabels: NamespaceLabels): boolean {
  return terms.length > 0 && terms.every((term) => term.matches(pod, namespaceLabels));
}

/** A pod that comes helps an affinity it matches; one that goes, an anti-affinity, of either side, that it was in. */
function podHint(
  pod: Pod,
  before: Pod | undefined,
  after: Pod | undefined,
  namespaceLabels: NamespaceLabels,
): QueueingHint {
  const { required, requiredAnti } = affinityTermsOf(pod);
  const comes = (other: Pod | undefined) => !!other && matchesAll(required, other, namespaceLabels);
  const against = (other: Pod | undefined) =>
    !!other && requiredAnti.some((term) => term.matches(other, namespaceLabels));
  if (!comes(before) && comes(after)) return 'Queue';
  if (against(before) && !against(after)) return 'Queue';
  if (before && !after && affinityTermsOf(before).requiredAnti.some((term) => term.matches(pod, namespaceLabels)))
    return 'Queue';
  return 'QueueSkip';
}

/** A node helps if it is in a domain that the pod's terms are about and was not in it before. */
function nodeHint(pod: Pod, before: Node | undefined, after: Node): QueueingHint {
  const { required, requiredAnti } = affinityTermsOf(pod);
  const domain = (node: Node, term: AffinityTerm) => node.metadata.labels?.[term.topologyKey];
  const changed = (term: AffinityTerm) => !before || domain(before, term) !== domain(after, term);
  if (required.length > 0 && required.every((term) => domain(after, term) !== undefined) && required.some(changed))
    return 'Queue';
  if (requiredAnti.some(changed)) return 'Queue';
  // Rejected by pods already there: a node outside their domains helps.
  return required.length === 0 && requiredAnti.length === 0 ? 'Queue' : 'QueueSkip';
}
