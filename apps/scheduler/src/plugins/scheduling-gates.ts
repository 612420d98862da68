import type { Pod } from '@pilothouse/api';
import { Action } from '../framework/cluster-event.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { unresolvable } from '../framework/status.ts';

/**
 * Keeps a pod out of the queue while it has scheduling gates.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/
 */
export const schedulingGates: PluginFactory = {
  name: 'SchedulingGates',
  build: () => ({
    name: 'SchedulingGates',
    preEnqueue(pod) {
      const gates = pod.spec.schedulingGates;
      if (!gates?.length) return undefined;
      return unresolvable(`waiting for scheduling gates: [${gates.map((gate) => gate.name).join(' ')}]`);
    },
    events: [
      {
        resource: 'TargetPod',
        actions: Action.UpdatePodSchedulingGatesEliminated,
        hint: (pod, _before, after) =>
          after?.metadata?.uid === pod.metadata.uid && !(after as Pod).spec.schedulingGates?.length
            ? 'Queue'
            : 'QueueSkip',
      },
    ],
  }),
};
