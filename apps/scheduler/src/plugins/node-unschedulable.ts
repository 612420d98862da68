import type { Node, Pod, Taint } from '@pilothouse/api';
import { Action, type QueueingHint } from '../framework/cluster-event.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { unresolvable } from '../framework/status.ts';
import { toleratesTaint } from '@pilothouse/controller';

const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const REFUSED = unresolvable('node(s) were unschedulable');

/** Keeps pods off cordoned nodes, unless they tolerate the taint that stands for it. */
export const nodeUnschedulable: PluginFactory = {
  name: 'NodeUnschedulable',
  build: () => ({
    name: 'NodeUnschedulable',
    filter(_state, { pod }, { node }) {
      return accepts(pod, node) ? undefined : REFUSED;
    },
    events: [
      {
        resource: 'Node',
        actions: Action.Add | Action.UpdateNodeTaint,
        hint: (pod, before, after) => hintOf(pod, before as Node | undefined, after as Node),
      },
      {
        resource: 'TargetPod',
        actions: Action.UpdatePodToleration,
        hint: (pod) => (toleratesTaint(pod.spec.tolerations, UNSCHEDULABLE_TAINT) ? 'Queue' : 'QueueSkip'),
      },
    ],
  }),
};

function accepts(pod: Pod, node: Node): boolean {
  return !node.spec.unschedulable || toleratesTaint(pod.spec.tolerations, UNSCHEDULABLE_TAINT);
}

function hintOf(pod: Pod, before: Node | undefined, after: Node): QueueingHint {
  return accepts(pod, after) && !(before && accepts(pod, before)) ? 'Queue' : 'QueueSkip';
}
