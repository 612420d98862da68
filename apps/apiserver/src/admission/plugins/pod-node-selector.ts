import { forbidden } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionConfiguration } from '../admission-configuration.ts';
import type { AdmissionPlugin } from '../chain.ts';

const NAME = 'PodNodeSelector';
const CLUSTER_DEFAULT = 'clusterDefaultNodeSelector';
const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';

/**
 * Pods run on the nodes that their namespace's annotation selects: its labels are added to the pod's node selector,
 * which may narrow them but not contradict them. The configuration has a default for namespaces without the annotation,
 * and for each namespace, by its name, what its pods may select at all.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector
 */
export function podNodeSelector(namespaces: ObjectRegistry, configuration: AdmissionConfiguration): AdmissionPlugin {
  const selectors = (configuration.get(NAME)?.['podNodeSelectorPluginConfig'] ?? {}) as Readonly<
    Record<string, string>
  >;
  return {
    name: NAME,
    operations: ['CREATE'],
    async mutate({ definition, subresource, namespace, name, object }) {
      if (definition.group !== '' || definition.resource !== 'pods' || subresource !== '') return;
      const key = { namespace: '', name: namespace };
      const found = (await namespaces.peek(key)) ?? (await namespaces.get(key));
      const annotation = found.object.metadata?.annotations?.[ANNOTATION];
      const wanted = parseLabels(annotation ?? selectors[CLUSTER_DEFAULT] ?? '');
      const { spec } = object as Pod;
      const given = spec.nodeSelector ?? {};
      if (Object.entries(wanted).some(([label, value]) => (given[label] ?? value) !== value)) {
        const why = 'pod node label selector conflicts with its namespace node label selector';
        throw forbidden(definition, name, why);
      }
      const merged = { ...wanted, ...given };
      if (Object.keys(merged).length === 0) return;
      spec.nodeSelector = merged;
      const allowed = parseLabels(selectors[namespace] ?? '');
      if (
        Object.keys(allowed).length === 0 ||
        Object.entries(merged).every(([label, value]) => allowed[label] === value)
      )
        return;
      throw forbidden(definition, name, 'pod node label selector labels conflict with its namespace whitelist');
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
