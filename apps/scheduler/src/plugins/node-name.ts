import { Action } from '../framework/cluster-event.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { unresolvable } from '../framework/status.ts';

const REFUSED = unresolvable("node(s) didn't match the requested node name");

/** Honours a node name that the pod already asks for. */
export const nodeName: PluginFactory = {
  name: 'NodeName',
  build: () => ({
    name: 'NodeName',
    filter(_state, { pod }, node) {
      return !pod.spec.nodeName || pod.spec.nodeName === node.name ? undefined : REFUSED;
    },
    events: [{ resource: 'Node', actions: Action.Add }],
  }),
};
