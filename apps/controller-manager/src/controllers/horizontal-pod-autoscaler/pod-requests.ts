import { parseQuantity } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import { NoProposal } from './plan-replicas.ts';

/** What the pods request of a resource in thousandths, or only their container of that name. By pod name. */
export function podRequests(pods: readonly Pod[], resource: string, container?: string): Map<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name ?? '', requestOf(pod, resource, container)]));
}

function requestOf(pod: Pod, resource: string, containerName: string | undefined): number {
  const ofPod = pod.spec.resources?.requests?.[resource];
  if (containerName === undefined && ofPod !== undefined) return parseQuantity(ofPod).toMilli();
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const all = [...sidecars, ...pod.spec.containers];
  const counted = containerName === undefined ? all : all.filter(({ name }) => name === containerName);
  if (counted.length === 0) throw new NoProposal(`container ${containerName} not found in Pod ${pod.metadata.name}`);
  return counted.reduce((sum, { name, resources }) => {
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      throw new NoProposal(`missing request for ${resource} in container ${name} of Pod ${pod.metadata.name}`);
    }
    return sum + parseQuantity(request).toMilli();
  }, 0);
}
