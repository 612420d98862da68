import type { Container, Pod, PodSpec } from '@pilothouse/api';
import { aggregateContainerResources } from '../pod-spec/pod-resources.ts';
import { defaultPodSpec } from '../pod-spec/default-pod-spec.ts';
import { isHugePageResource, isOvercommitAllowed, isPodLevelResource } from '../resources/resource-names.ts';

/** A Pod's defaults: those of every PodSpec, and those that a template does not get. */
export function defaultPod(pod: Pod): void {
  pod.spec ??= { containers: [] };
  const spec = pod.spec;
  defaultPodSpec(spec);
  for (const container of spec.containers ?? []) defaultRequests(container);
  for (const container of spec.initContainers ?? []) defaultRequests(container);
  if (spec.resources) defaultPodLevelResources(spec, spec.resources);
  spec.enableServiceLinks ??= true;
  mirrorPodIp(pod);
  if (spec.hostNetwork) {
    for (const container of spec.containers ?? []) defaultHostPorts(container);
    for (const container of spec.initContainers ?? []) defaultHostPorts(container);
  }
}

/** `podIP` is the older name of the first of `podIPs`, and wins when they differ. */
function mirrorPodIp({ status }: Pod): void {
  if (status?.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  if (status?.podIPs?.[0]?.ip) status.podIP = status.podIPs[0].ip;
}

/** A limit without a request is also the request. */
function defaultRequests({ resources }: Container): void {
  if (!resources?.limits) return;
  resources.requests = { ...resources.limits, ...resources.requests };
}

/** On the host's network, a container's port is the host's. */
function defaultHostPorts(container: Container): void {
  for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}

/** What a pod as a whole asks for, where only a part was said (KEP-2837). Runs after the containers' own defaults. */
function defaultPodLevelResources(spec: PodSpec, resources: NonNullable<PodSpec['resources']>): void {
  const isEmpty = (list: Record<string, string> | undefined): boolean => Object.keys(list ?? {}).length === 0;
  if (isEmpty(resources.limits) && isEmpty(resources.requests)) return;
  for (const [name, amount] of aggregateContainerResources(spec, 'limits')) {
    if (!isHugePageResource(name) || resources.limits?.[name] || resources.requests?.[name]) continue;
    (resources.limits ??= {})[name] = amount.toString();
  }
  if (isEmpty(resources.limits)) return;
  const requests = { ...resources.requests };
  for (const [name, amount] of aggregateContainerResources(spec, 'requests')) {
    if (isPodLevelResource(name) && isOvercommitAllowed(name)) requests[name] ??= amount.toString();
  }
  for (const [name, limit] of Object.entries(resources.limits ?? {})) {
    if (isPodLevelResource(name)) requests[name] ??= limit;
  }
  if (!isEmpty(requests)) resources.requests = requests;
}
