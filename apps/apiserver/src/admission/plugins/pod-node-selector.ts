import { forbidden } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionPlugin } from '../chain.ts';

const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';

/**
 * Pods run on the nodes that their namespace's annotation selects: its labels are added to the pod's node selector,
 * which may narrow them but not contradict them. There is no configuration file here, so no default for the cluster.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector
 */
export function podNodeSelector(namespaces: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'PodNodeSelector',
    operations: ['CREATE'],
    async mutate({ definition, subresource, namespace, name, object }) {
      if (definition.group !== '' || definition.resource !== 'pods' || subresource !== '') return;
      const key = { namespace: '', name: namespace };
      const found = (await namespaces.peek(key)) ?? (await namespaces.get(key));
      const wanted = parseLabels(found.object.metadata?.annotations?.[ANNOTATION] ?? '');
      const { spec } = object as Pod;
      const given = spec.nodeSelector ?? {};
      if (Object.entries(wanted).some(([label, value]) => (given[label] ?? value) !== value)) {
        const why = 'pod node label selector conflicts with its namespace node label selector';
        throw forbidden(definition, name, why);
      }
      if (Object.keys(wanted).length > 0) spec.nodeSelector = { ...wanted, ...given };
    },
  };
}

/** `disk=ssd,zone=a`; what is no label is left out. */
function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [label = '', value] = part.split('=').map((each) => each.trim());
    if (label !== '' && value !== undefined) labels[label] = value;
  }
  return labels;
}
