import type { Pod } from '@pilothouse/api';
import { controllerRefOf } from '@pilothouse/apimachinery';
import type { ContainerKind } from './container-runtime.ts';

export const ANNOTATION_DOMAIN = 'pilothouse.dev';

/**
 * The facts that come from the pod alone. An annotation without a container's name speaks of the regular containers
 * only: `exit-code` on a pod must not make its init containers fail.
 */
export function podFact(
  pod: Pod,
  container: { name: string; kind: ContainerKind } | undefined,
  name: string,
): string | undefined {
  if (name.startsWith('annotation.')) {
    const key = name.slice('annotation.'.length);
    const annotations = pod.metadata.annotations ?? {};
    const own = container && annotations[`${container.name}.${ANNOTATION_DOMAIN}/${key}`];
    const general = !container || container.kind === 'regular' ? annotations[`${ANNOTATION_DOMAIN}/${key}`] : undefined;
    return own ?? general;
  }
  switch (name) {
    case 'pod.name':
      return pod.metadata.name;
    case 'pod.namespace':
      return pod.metadata.namespace;
    case 'pod.node':
      return pod.spec.nodeName;
    case 'pod.owner':
      return controllerRefOf(pod)?.kind;
    case 'pod.restartPolicy':
      return pod.spec.restartPolicy;
    case 'container.name':
      return container?.name;
    case 'container.kind':
      return container?.kind;
    default:
      return undefined;
  }
}
