import type { Node, NodeAffinity, Pod } from '@pilothouse/api';
import { readArgs } from '../config/plugin-args.ts';
import { Action } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle-state.ts';
import type { PluginFactory, PreFilterResult } from '../framework/plugin.ts';
import { SKIP, unresolvable } from '../framework/status.ts';
import {
  compileNodeSelector,
  preferredTerms,
  requiredNodeMatcher,
  type NodeMatcher,
  type PreferredTerm,
} from '@pilothouse/controller';
import { normalizeToMax } from '../scoring/normalize.ts';

const REFUSED_BY_POD = unresolvable("node(s) didn't match Pod's node affinity/selector");
const REFUSED_BY_PROFILE = unresolvable("node(s) didn't match scheduler-enforced node affinity");
const CONFLICT = unresolvable('pod affinity terms conflict');

const requiredKey = stateKey<NodeMatcher>('PreFilterNodeAffinity');
const preferredKey = stateKey<readonly PreferredTerm[]>('PreScoreNodeAffinity');

interface NodeAffinityArgs {
  /** Affinity that the profile adds to that of every pod. */
  addedAffinity?: NodeAffinity;
}

/** Honours `spec.nodeSelector` and node affinity: required terms filter, preferred terms score. */
export const nodeAffinity: PluginFactory = {
  name: 'NodeAffinity',
  build(args) {
    const { addedAffinity } = readArgs<NodeAffinityArgs>('NodeAffinityArgs', args, ['addedAffinity']);
    const addedRequired = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const matchesAdded = addedRequired && compileNodeSelector(addedRequired);
    const addedPreferred = preferredTerms(addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
    const accepts = (pod: Pod, node: Node) =>
      (matchesAdded?.(node) ?? true) && (requiredNodeMatcher(pod)?.(node) ?? true);

    return {
      name: 'NodeAffinity',
      preFilter(state, { pod }) {
        const required = requiredNodeMatcher(pod);
        if (!required && !matchesAdded) return { status: SKIP };
        if (required) state.write(requiredKey, required);
        return narrowByName(pod);
      },
      filter(state, _pod, { node }) {
        if (matchesAdded && !matchesAdded(node)) return REFUSED_BY_PROFILE;
        const required = state.read(requiredKey);
        return required && !required(node) ? REFUSED_BY_POD : undefined;
      },
      preScore(state, { pod }) {
        const terms = preferredTerms(pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
        if (terms.length === 0 && addedPreferred.length === 0) return SKIP;
        state.write(preferredKey, [...addedPreferred, ...terms]);
        return undefined;
      },
      score(state, _pod, { node }) {
        let score = 0;
        for (const term of state.mustRead(preferredKey)) if (term.matches(node)) score += term.weight;
        return score;
      },
      normalizeScores(_state, _pod, _nodes, scores) {
        normalizeToMax(scores);
      },
      events: [
        {
          resource: 'Node',
          actions: Action.Add | Action.UpdateNodeLabel,
          hint: (pod, before, after) =>
            accepts(pod, after as Node) && !(before && accepts(pod, before as Node)) ? 'Queue' : 'QueueSkip',
        },
      ],
    };
  },
};

/**
 * If every alternative names its nodes, only those are looked at. This is what a DaemonSet's pods do, and it spares
 * looking at all other nodes.
 */
function narrowByName(pod: Pod): PreFilterResult | undefined {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms?.length) return undefined;
  let union = new Set<string>();
  for (const term of terms) {
    let named: Set<string> | undefined;
    for (const { key, operator, values } of term.matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      const names = new Set(values);
      named = named ? named.intersection(names) : names;
    }
    if (!named) return undefined;
    union = union.union(named);
  }
  return union.size === 0 ? { status: CONFLICT } : { nodeNames: union };
}
