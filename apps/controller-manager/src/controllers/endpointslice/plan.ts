import { deepEqual, newControllerRef } from '@pilothouse/apimachinery';
import type { discoveryV1, EndpointSlice, Node, Pod, Service } from '@pilothouse/api';
import { isPodReady } from '@pilothouse/controller';
import { isIpv6, mayBeEndpoint, podIps, targetPortOf } from '../service-pods.ts';
import { withTriggerTime } from '../trigger-times.ts';
import { hintsFor } from './traffic-hints.ts';

type Endpoint = discoveryV1.Endpoint;
type EndpointPort = discoveryV1.EndpointPort;

/** At most so many endpoints in a slice (upstream's --max-endpoints-per-slice). */
export const MAX_ENDPOINTS = 100;

export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const MANAGED_BY = 'endpointslice-controller.k8s.io';
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';

export interface EndpointSlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

interface Group {
  readonly ports: EndpointPort[];
  readonly endpoints: Endpoint[];
}

/**
 * The slices that the service's pods make, as changes to the existing ones: an endpoint stays in its slice, slices with
 * room are filled before new ones are made, and empty ones go. What is written says since when it was out of date, which
 * alone is no reason to write. Mirrors k8s.io/endpointslice/reconciler.go.
 */
export function planEndpointSlices(
  service: Service,
  pods: readonly Pod[],
  existing: readonly EndpointSlice[],
  nodes: ReadonlyMap<string, Node>,
  triggerTime?: string,
): EndpointSlicePlan {
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  const families = addressTypesOf(service);
  for (const slice of existing) if (!families.includes(slice.addressType)) remove.push(slice);
  for (const addressType of families) {
    const own = existing.filter((slice) => slice.addressType === addressType);
    planFamily(service, addressType, groupByPorts(service, pods, addressType, nodes), own, {
      create,
      update,
      delete: remove,
    });
  }
  const stamped = (slice: EndpointSlice): EndpointSlice => {
    const { annotations: before, ...metadata } = slice.metadata;
    const annotations = withTriggerTime(before, triggerTime);
    return { ...slice, metadata: { ...metadata, ...(Object.keys(annotations).length ? { annotations } : {}) } };
  };
  return { create: create.map(stamped), update: update.map(stamped), delete: remove };
}

function addressTypesOf(service: Service): string[] {
  const families = service.spec.ipFamilies?.length ? service.spec.ipFamilies : ['IPv4'];
  return [...new Set(families)];
}

/** Pods may resolve a named port differently, and one slice has one set of ports. */
function groupByPorts(
  service: Service,
  pods: readonly Pod[],
  addressType: string,
  nodes: ReadonlyMap<string, Node>,
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const pod of pods) {
    if (!mayBeEndpoint(pod)) continue;
    const ips = podIps(pod).filter((ip) => isIpv6(ip) === (addressType === 'IPv6'));
    if (ips.length === 0) continue;
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(service, pod, ips, nodes.get(pod.spec.nodeName ?? '')));
  }
  return groups;
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    return [
      {
        name: port.name ?? '',
        protocol: port.protocol ?? 'TCP',
        port: number,
        ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
      },
    ];
  });
}

export function endpointOf(service: Service, pod: Pod, addresses: string[], node: Node | undefined): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  const endpoint: Endpoint = {
    addresses,
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone ? { zone } : {}),
  };
  const hints = hintsFor(service, endpoint);
  return hints ? { ...endpoint, hints } : endpoint;
}

function planFamily(
  service: Service,
  addressType: string,
  groups: ReadonlyMap<string, Group>,
  existing: readonly EndpointSlice[],
  plan: { create: EndpointSlice[]; update: EndpointSlice[]; delete: EndpointSlice[] },
): void {
  const unused = new Set(existing);
  for (const group of groups.values()) {
    const slices = existing.filter((slice) => unused.has(slice) && deepEqual(slice.ports ?? [], group.ports));
    for (const slice of slices) unused.delete(slice);
    planGroup(service, addressType, group, slices, plan);
  }
  const leftover = [...unused];
  // A service without endpoints keeps one empty slice, so that clients can tell "none" from "not yet known".
  if (groups.size === 0) {
    const placeholder = leftover.find((slice) => !slice.ports?.length) ?? leftover[0];
    if (placeholder) {
      leftover.splice(leftover.indexOf(placeholder), 1);
      planWrite(service, addressType, placeholder, [], [], plan);
    } else {
      planWrite(service, addressType, undefined, [], [], plan);
    }
  }
  plan.delete.push(...leftover);
}

function planGroup(
  service: Service,
  addressType: string,
  group: Group,
  slices: readonly EndpointSlice[],
  plan: { create: EndpointSlice[]; update: EndpointSlice[]; delete: EndpointSlice[] },
): void {
  const wanted = new Map(group.endpoints.map((endpoint) => [endpoint.targetRef?.uid ?? '', endpoint]));
  const contents = slices.map((slice) => {
    const kept = (slice.endpoints ?? []).flatMap((endpoint) => {
      const next = wanted.get(endpoint.targetRef?.uid ?? '');
      if (next) wanted.delete(endpoint.targetRef?.uid ?? '');
      return next ? [next] : [];
    });
    return { slice, endpoints: kept };
  });
  const rest = [...wanted.values()];
  for (const content of contents) {
    const room = MAX_ENDPOINTS - content.endpoints.length;
    if (room > 0) content.endpoints.push(...rest.splice(0, room));
  }
  for (const { slice, endpoints } of contents) {
    if (endpoints.length === 0 && contents.some((other) => other.endpoints.length > 0)) plan.delete.push(slice);
    else planWrite(service, addressType, slice, endpoints, group.ports, plan);
  }
  while (rest.length > 0) planWrite(service, addressType, undefined, rest.splice(0, MAX_ENDPOINTS), group.ports, plan);
}

function planWrite(
  service: Service,
  addressType: string,
  slice: EndpointSlice | undefined,
  endpoints: Endpoint[],
  ports: EndpointPort[],
  plan: { create: EndpointSlice[]; update: EndpointSlice[] },
): void {
  const labels = labelsOf(service);
  if (slice === undefined) {
    plan.create.push({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${service.metadata.name}-`,
        namespace: service.metadata.namespace ?? '',
        labels,
        ownerReferences: [newControllerRef(service)],
      },
      addressType,
      endpoints,
      ports,
    });
  } else if (
    !deepEqual(slice.endpoints ?? [], endpoints) ||
    !deepEqual(slice.ports ?? [], ports) ||
    !deepEqual(slice.metadata.labels ?? {}, labels)
  ) {
    plan.update.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints, ports });
  }
}

/** The service's labels and the controller's own; whatever else stood there is the label of an earlier service. */
function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    [SERVICE_NAME_LABEL]: service.metadata.name ?? '',
    [MANAGED_BY_LABEL]: MANAGED_BY,
    ...(service.spec.clusterIP === 'None' ? { [HEADLESS_LABEL]: '' } : {}),
  };
}
