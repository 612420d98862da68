import type { EndpointAddress, Endpoints, EndpointSubset, EndpointPort, Pod, Service } from '@pilothouse/api';
import type { ObjectMeta } from '@pilothouse/apimachinery';
import { isPodReady } from '@pilothouse/controller';
import { isIpv6, mayBeEndpoint, podIps, targetPortOf } from '../service-pods.ts';
import { withTriggerTime } from '../trigger-times.ts';

/** An Endpoints object holds no more addresses; EndpointSlices have all of them. */
export const MAX_ADDRESSES = 1000;
export const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
export const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';
export const MANAGED_BY = 'endpoint-controller';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';

/** The subsets that the service's pods make, in a canonical order. Mirrors pkg/controller/endpoint. */
export function planSubsets(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const ipv6 = service.spec.ipFamilies?.[0] === 'IPv6';
  const groups = new Map<string, { ports: EndpointPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  for (const pod of pods) {
    if (!mayBeEndpoint(pod) || (pod.metadata.deletionTimestamp && !service.spec.publishNotReadyAddresses)) continue;
    const ip = podIps(pod).find((each) => isIpv6(each) === ipv6);
    if (ip === undefined) continue;
    const ports = portsOf(service, pod);
    // A pod that lacks the named port is no endpoint, unless the service has no ports at all.
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    groups.set(key, group);
    const isReady = service.spec.publishNotReadyAddresses === true || isPodReady(pod);
    (isReady ? group.ready : group.notReady).push(addressOf(service, pod, ip));
  }
  return [...groups.values()]
    .map(({ ports, ready, notReady }) => ({
      ...(ready.length ? { addresses: ready.sort(byIp) } : {}),
      ...(notReady.length ? { notReadyAddresses: notReady.sort(byIp) } : {}),
      ...(ports.length ? { ports } : {}),
    }))
    .sort((a, b) => (JSON.stringify(a.ports ?? []) < JSON.stringify(b.ports ?? []) ? -1 : 1));
}

const byIp = (a: EndpointAddress, b: EndpointAddress): number => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0);

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    return [
      {
        ...(port.name ? { name: port.name } : {}),
        port: number,
        protocol: port.protocol ?? 'TCP',
        ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
      },
    ];
  });
}

function addressOf(service: Service, pod: Pod, ip: string): EndpointAddress {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  return {
    ip,
    ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function withoutAnnotations(existing: Endpoints | undefined): ObjectMeta {
  const { annotations: _, ...metadata } = existing?.metadata ?? {};
  return metadata;
}

/** Drops addresses above the limit, ready ones last. */
export function truncate(subsets: readonly EndpointSubset[]): { subsets: EndpointSubset[]; truncated: boolean } {
  const total = subsets.reduce(
    (sum, each) => sum + (each.addresses?.length ?? 0) + (each.notReadyAddresses?.length ?? 0),
    0,
  );
  if (total <= MAX_ADDRESSES) return { subsets: [...subsets], truncated: false };
  let room = MAX_ADDRESSES;
  const take = (addresses: readonly EndpointAddress[] | undefined): EndpointAddress[] => {
    const taken = (addresses ?? []).slice(0, room);
    room -= taken.length;
    return taken;
  };
  const ready = subsets.map((each) => take(each.addresses));
  const notReady = subsets.map((each) => take(each.notReadyAddresses));
  const kept = subsets.map((each, at) => ({
    ...(ready[at]!.length ? { addresses: ready[at]! } : {}),
    ...(notReady[at]!.length ? { notReadyAddresses: notReady[at]! } : {}),
    ...(each.ports ? { ports: each.ports } : {}),
  }));
  return { subsets: kept.filter((each) => each.addresses || each.notReadyAddresses), truncated: true };
}

/** The Endpoints object of the service, over what exists. `triggerTime`: since when it has been out of date. */
export function planEndpoints(
  service: Service,
  pods: readonly Pod[],
  existing: Endpoints | undefined,
  triggerTime?: string,
): Endpoints {
  const { subsets, truncated } = truncate(planSubsets(service, pods));
  const { [OVER_CAPACITY]: _, ...annotations } = withTriggerTime(existing?.metadata.annotations, triggerTime);
  const labels = {
    ...service.metadata.labels,
    [MANAGED_BY_LABEL]: MANAGED_BY,
    ...(service.spec.clusterIP === 'None' ? { [HEADLESS_LABEL]: '' } : {}),
  };
  const kept = truncated ? { ...annotations, [OVER_CAPACITY]: 'truncated' } : annotations;
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...withoutAnnotations(existing),
      name: service.metadata.name ?? '',
      namespace: service.metadata.namespace ?? '',
      labels,
      ...(Object.keys(kept).length ? { annotations: kept } : {}),
    },
    ...(subsets.length ? { subsets } : {}),
  };
}
