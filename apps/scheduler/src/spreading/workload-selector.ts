import {
  controllerRefOf,
  EVERYTHING,
  selectorFromLabelSelector,
  selectorFromSet,
  Selector,
} from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { ClusterListers } from '../framework/listers.ts';

type WorkloadListers = Pick<ClusterListers, 'services' | 'replicationControllers' | 'replicaSets' | 'statefulSets'>;

/**
 * What selects the pods that belong with this one: the selectors of all Services it is behind and of the controller
 * that owns it, together. Selects everything if there is neither, which means: nothing to spread.
 */
export function workloadSelector(pod: Pod, listers: WorkloadListers): Selector {
  const namespace = pod.metadata.namespace ?? '';
  const parts: Selector[] = [];
  for (const service of listers.services.list(namespace)) {
    const labels = service.spec?.selector;
    if (!labels || Object.keys(labels).length === 0) continue;
    const selector = selectorFromSet(labels);
    if (selector.matches(pod.metadata.labels)) parts.push(selector);
  }
  const owner = ownerSelector(pod, namespace, listers);
  if (owner) parts.push(owner);
  if (parts.length === 0) return EVERYTHING;
  return new Selector(parts.flatMap((part) => part.requirements));
}

function ownerSelector(pod: Pod, namespace: string, listers: WorkloadListers): Selector | undefined {
  const owner = controllerRefOf(pod);
  if (!owner) return undefined;
  const key = `${namespace}/${owner.name}`;
  switch (`${owner.apiVersion}/${owner.kind}`) {
    case 'v1/ReplicationController': {
      const labels = listers.replicationControllers.get(key)?.spec?.selector;
      return labels && selectorFromSet(labels);
    }
    case 'apps/v1/ReplicaSet': {
      const selector = listers.replicaSets.get(key)?.spec?.selector;
      return selector ? selectorFromLabelSelector(selector) : undefined;
    }
    case 'apps/v1/StatefulSet': {
      const selector = listers.statefulSets.get(key)?.spec?.selector;
      return selector ? selectorFromLabelSelector(selector) : undefined;
    }
    default:
      return undefined;
  }
}
