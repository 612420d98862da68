import type { Node, Toleration } from '@pilothouse/api';
import { Action } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle-state.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { unresolvable } from '../framework/status.ts';
import { findUntoleratedTaint, toleratesTaint } from '@pilothouse/controller';
import { normalizeToMax } from '../scoring/normalize.ts';

// Upstream no longer names the taint, because the pod's owner may not be allowed to see the nodes.
const REFUSED = unresolvable('node(s) had untolerated taint(s)');

const softTolerations = stateKey<readonly Toleration[]>('PreScoreTaintToleration');

/**
 * Keeps pods off nodes whose NoSchedule and NoExecute taints they do not tolerate, and prefers nodes with few
 * PreferNoSchedule taints that they do not tolerate.
 */
export const taintToleration: PluginFactory = {
  name: 'TaintToleration',
  build: () => ({
    name: 'TaintToleration',
    filter(_state, { pod }, { node }) {
      return findUntoleratedTaint(node.spec.taints, pod.spec.tolerations) ? REFUSED : undefined;
    },
    preScore(state, { pod }) {
      const soft = (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
      state.write(softTolerations, soft);
      return undefined;
    },
    score(state, _pod, { node }) {
      const taints = node.spec.taints;
      if (!taints) return 0;
      const tolerations = state.mustRead(softTolerations);
      return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !toleratesTaint(tolerations, taint))
        .length;
    },
    normalizeScores(_state, _pod, _nodes, scores) {
      normalizeToMax(scores, true);
    },
    events: [
      {
        resource: 'Node',
        actions: Action.Add | Action.UpdateNodeTaint,
        hint(pod, before, after) {
          const refuses = (node: Node) => !!findUntoleratedTaint(node.spec.taints, pod.spec.tolerations);
          return (!before || refuses(before as Node)) && !refuses(after as Node) ? 'Queue' : 'QueueSkip';
        },
      },
      {
        resource: 'TargetPod',
        actions: Action.UpdatePodToleration,
        hint: (pod, _before, after) => (after?.metadata?.uid === pod.metadata.uid ? 'Queue' : 'QueueSkip'),
      },
    ],
  }),
};
