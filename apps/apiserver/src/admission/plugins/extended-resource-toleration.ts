import type { Container, Pod, Toleration } from '@pilothouse/api';
import type { AdmissionPlugin } from '../chain.ts';

/** Pods that ask for an extended resource tolerate the taint of the nodes that are kept for it. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#extendedresourcetoleration */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  operations: ['CREATE', 'UPDATE'],
  mutate({ definition, subresource, object }) {
    if (definition.group !== '' || definition.resource !== 'pods' || subresource !== '') return;
    const { spec } = object as Pod;
    const wanted = new Set([...(spec.initContainers ?? []), ...(spec.containers ?? [])].flatMap(extendedResources));
    const known = spec.tolerations ?? [];
    const missing = [...wanted]
      .sort()
      .filter((key) => !known.some((each) => each.key === key && each.operator === 'Exists' && !each.effect));
    if (missing.length > 0)
      spec.tolerations = [...known, ...missing.map((key) => ({ key, operator: 'Exists' }) as Toleration)];
  },
};

/** Names with a domain that is not Kubernetes' own. */
function extendedResources({ resources }: Container): string[] {
  return Object.keys(resources?.requests ?? {}).filter(
    (name) => name.includes('/') && !name.includes('kubernetes.io/'),
  );
}
