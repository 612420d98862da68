import type { Container, Pod, ResourceRequirements } from '@pilothouse/api';
import {
  addAmounts,
  amountOf,
  amountsOf,
  cloneAmounts,
  emptyAmounts,
  maxAmounts,
  setAmount,
  type ResourceAmounts,
} from './resource-amounts.ts';

/**
 * What scoring assumes of a container that does not say what it needs, so that many such containers still spread over
 * the nodes: 100 millicores and 200 MiB, as upstream.
 */
export const DEFAULT_MILLI_CPU_REQUEST = 100;
export const DEFAULT_MEMORY_REQUEST = 200 * 1024 * 1024;

/**
 * What a pod takes of a node. Containers and sidecars run together, so they add up; an init container runs before them
 * with the sidecars started so far, so only the largest moment counts; then pod-level requests override, and the
 * overhead of the runtime class is added.
 *
 * See https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers.
 */
export function podRequests(pod: Pod): ResourceAmounts {
  return totalRequests(pod, (container) => containerRequests(pod, container));
}

/** The same with the defaults of scoring for a container without a CPU or memory request. */
export function podNonZeroRequests(pod: Pod): ResourceAmounts {
  return totalRequests(pod, (container) => {
    const requests = containerRequests(pod, container);
    const declared = container.resources?.requests;
    if (declared?.['cpu'] === undefined) requests.milliCpu = DEFAULT_MILLI_CPU_REQUEST;
    if (declared?.['memory'] === undefined) requests.memory = DEFAULT_MEMORY_REQUEST;
    return requests;
  });
}

function totalRequests(pod: Pod, requestsOf: (container: Container) => ResourceAmounts): ResourceAmounts {
  const spec = pod.spec;
  const total = emptyAmounts();
  for (const container of spec.containers) addAmounts(total, requestsOf(container));

  const sidecars = emptyAmounts();
  const peak = emptyAmounts();
  for (const container of spec.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      addAmounts(total, requests);
      addAmounts(sidecars, requests);
      maxAmounts(peak, sidecars);
    } else {
      addAmounts(requests, sidecars);
      maxAmounts(peak, requests);
    }
  }
  maxAmounts(total, peak);

  overridePodLevel(total, spec.resources);
  if (spec.overhead) addAmounts(total, amountsOf(spec.overhead));
  return total;
}

/** Only these can be asked for at pod level, https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/. */
function overridePodLevel(total: ResourceAmounts, resources: ResourceRequirements | undefined): void {
  for (const name in resources?.requests) {
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) {
      setAmount(total, name, amountOf(name, resources.requests[name]!));
    }
  }
}

/**
 * While a container is resized in place, it takes the largest of what it asks for, what the kubelet granted and what it
 * has; if the node can never grant it, only what it was granted and has.
 */
function containerRequests(pod: Pod, container: Container): ResourceAmounts {
  const desired = amountsOf(container.resources?.requests);
  const { containerStatuses, initContainerStatuses } = pod.status ?? {};
  const isNamed = ({ name }: { readonly name: string }): boolean => name === container.name;
  // Sidecars are resized like the others.
  const status =
    containerStatuses?.find(isNamed) ??
    (container.restartPolicy === 'Always' ? initContainerStatuses?.find(isNamed) : undefined);
  if (!status?.resources && !status?.allocatedResources) return desired;
  const actual = amountsOf(status.resources?.requests);
  maxAmounts(actual, amountsOf(status.allocatedResources));
  if (resizeIsInfeasible(pod)) return actual;
  const largest = cloneAmounts(desired);
  maxAmounts(largest, actual);
  return largest;
}

function resizeIsInfeasible(pod: Pod): boolean {
  return !!pod.status?.conditions?.some(
    (condition) => condition.type === 'PodResizePending' && condition.reason === 'Infeasible',
  );
}
