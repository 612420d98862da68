import type { Binding, Node } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionPlugin } from '../chain.ts';

const TOPOLOGY_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** A pod learns with its binding where its node stands: the labels go from the node to the pod. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtopologylabels */
export function podTopologyLabels(nodes: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    operations: ['CREATE'],
    async mutate({ definition, subresource, object }) {
      if (definition.group !== '' || definition.resource !== 'pods' || subresource !== 'binding') return;
      const binding = object as Binding;
      if (binding.target?.kind && binding.target.kind !== 'Node') return;
      const node = (await nodes.peek({ namespace: '', name: binding.target?.name ?? '' }))?.object as Node | undefined;
      const labels = Object.entries(node?.metadata.labels ?? {}).filter(([key]) => TOPOLOGY_LABELS.includes(key));
      if (labels.length > 0)
        binding.metadata = {
          ...binding.metadata,
          labels: { ...binding.metadata?.labels, ...Object.fromEntries(labels) },
        };
    },
  };
}
