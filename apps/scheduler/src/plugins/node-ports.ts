import type { Pod } from '@pilothouse/api';
import { hostPortsOf, UsedPorts } from '../cache/host-ports.ts';
import { Action } from '../framework/cluster-event.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { SKIP, unschedulable } from '../framework/status.ts';

const REFUSED = unschedulable("node(s) didn't have free ports for the requested pod ports");

/** Two pods cannot share a port of the node. */
export const nodePorts: PluginFactory = {
  name: 'NodePorts',
  build: () => ({
    name: 'NodePorts',
    preFilter(_state, pod) {
      return pod.hostPorts.length === 0 ? { status: SKIP } : undefined;
    },
    filter(_state, pod, node) {
      for (const port of pod.hostPorts) if (node.usedPorts.conflictsWith(port)) return REFUSED;
      return undefined;
    },
    events: [
      {
        resource: 'AssignedPod',
        actions: Action.Delete,
        hint: (pod, before) => (before && portsConflict(pod, before as Pod) ? 'Queue' : 'QueueSkip'),
      },
      { resource: 'Node', actions: Action.Add },
    ],
  }),
};

function portsConflict(pod: Pod, gone: Pod): boolean {
  const freed = new UsedPorts();
  for (const port of hostPortsOf(gone)) freed.add(port);
  return hostPortsOf(pod).some((port) => freed.conflictsWith(port));
}
