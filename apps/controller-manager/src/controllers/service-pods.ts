import { selectorFromSet, objectKey } from '@pilothouse/apimachinery';
import type { ContainerPort, Pod, Service, ServicePort } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { isPodTerminal } from '@pilothouse/controller';

/** Which pods stand behind a service, and at which ports: shared by the controllers for EndpointSlices and Endpoints. */

/** Services whose membership a pod may change: those that select it. */
export function servicesOf(pod: Pod, services: SharedInformer<Service>): string[] {
  const labels = pod.metadata.labels ?? {};
  return services.lister
    .list(pod.metadata.namespace)
    .filter((service) => hasSelector(service) && selectorFromSet(service.spec.selector).matches(labels))
    .map(objectKey);
}

/** Only services with a selector have their endpoints managed for them. */
export const hasSelector = (service: Service): boolean => Object.keys(service.spec.selector ?? {}).length > 0;

export function selectedPods(service: Service, pods: SharedInformer<Pod>): Pod[] {
  const selector = selectorFromSet(service.spec.selector);
  return pods.lister.list(service.metadata.namespace).filter((pod) => selector.matches(pod.metadata.labels ?? {}));
}

/** A pod with an address that has not finished. Terminating pods count: they may still serve their last requests. */
export function mayBeEndpoint(pod: Pod): boolean {
  return !isPodTerminal(pod) && podIps(pod).length > 0;
}

export function podIps(pod: Pod): string[] {
  const ips = (pod.status?.podIPs ?? []).map(({ ip }) => ip);
  return ips.length > 0 ? ips : pod.status?.podIP ? [pod.status.podIP] : [];
}

export const isIpv6 = (ip: string): boolean => ip.includes(':');

/** The number behind a service port in this pod; undefined when the pod has no container port of that name. */
export function targetPortOf(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort;
  if (typeof target === 'number' && target !== 0) return target;
  if (target === undefined || target === 0 || target === '') return port.port;
  for (const container of [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []).filter((each) => each.restartPolicy === 'Always'),
  ]) {
    const found = container.ports?.find((each) => isNamed(each, target as string, port.protocol ?? 'TCP'));
    if (found) return found.containerPort;
  }
  return undefined;
}

const isNamed = (containerPort: ContainerPort, name: string, protocol: string): boolean =>
  containerPort.name === name && (containerPort.protocol ?? 'TCP') === protocol;

/** What a change of a pod must touch for its services' endpoints to change. */
export function endpointFieldsDiffer(before: Pod, after: Pod): boolean {
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.status?.phase !== after.status?.phase ||
    before.spec.nodeName !== after.spec.nodeName ||
    readiness(before) !== readiness(after) ||
    podIps(before).join() !== podIps(after).join() ||
    !sameLabels(before, after)
  );
}

const readiness = (pod: Pod): string | undefined =>
  pod.status?.conditions?.find((each) => each.type === 'Ready')?.status;

export function sameLabels(a: Pod, b: Pod): boolean {
  const [left, right] = [a.metadata.labels ?? {}, b.metadata.labels ?? {}];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key]);
}
