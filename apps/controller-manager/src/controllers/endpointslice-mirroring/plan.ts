import { deepEqual, newControllerRef, type ObjectMeta } from '@pilothouse/apimachinery';
import type {
  Endpoint,
  EndpointAddress,
  EndpointPort,
  Endpoints,
  EndpointSlice,
  EndpointSubset,
  Service,
} from '@pilothouse/api';
import { hasSelector, isIpv6 } from '../service-pods.ts';

export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const CONTROLLER = 'endpointslicemirroring-controller.k8s.io';
export const SERVICE_NAME = 'kubernetes.io/service-name';
const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
const HEADLESS = 'service.kubernetes.io/headless';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const NOT_COPIED = [
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
];
/** Of what stands beyond in one subset nothing is mirrored. */
const MAX_ENDPOINTS_PER_SUBSET = 1000;

/** What to say of addresses that are not mirrored; undefined when all are. */
export function skippedMessage({ subsets = [] }: Endpoints): string | undefined {
  const skipped = (subsets ?? []).reduce((sum, { addresses, notReadyAddresses }) => {
    const count = (addresses?.length ?? 0) + (notReadyAddresses?.length ?? 0);
    return sum + Math.max(0, count - MAX_ENDPOINTS_PER_SUBSET);
  }, 0);
  if (skipped === 0) return undefined;
  return `A max of ${MAX_ENDPOINTS_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
}

/** Only what people write by hand: a service with a selector has its slices made from its pods. */
export function shouldMirror(endpoints: Endpoints, service: Service | undefined): boolean {
  if (service === undefined || hasSelector(service)) return false;
  const { labels, annotations } = endpoints.metadata;
  return labels?.[SKIP_MIRROR] !== 'true' && annotations?.[LEADER] === undefined;
}

export interface MirrorPlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

/** Pure. One slice for each family of addresses of each set of ports. Upstream: endpointslicemirroring/reconciler.go. */
export function planMirror(endpoints: Endpoints, existing: readonly EndpointSlice[]): MirrorPlan {
  const left = new Set(existing);
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  for (const wanted of wantedSlices(endpoints)) {
    const current = [...left].find(
      (each) => each.addressType === wanted.addressType && deepEqual(each.ports ?? [], wanted.ports ?? []),
    );
    if (current === undefined) {
      create.push(wanted);
      continue;
    }
    left.delete(current);
    const metadata: ObjectMeta = {
      ...current.metadata,
      labels: wanted.metadata.labels!,
      ownerReferences: wanted.metadata.ownerReferences!,
    };
    if (wanted.metadata.annotations) metadata.annotations = wanted.metadata.annotations;
    else delete metadata.annotations;
    const next = { ...current, metadata, endpoints: wanted.endpoints };
    if (!deepEqual(next, current)) update.push(next);
  }
  return { create, update, delete: [...left] };
}

function wantedSlices(endpoints: Endpoints): EndpointSlice[] {
  const byShape = new Map<string, EndpointSlice>();
  for (const subset of endpoints.subsets ?? []) {
    const ports = (subset.ports ?? []).map(portOf);
    for (const [addressType, members] of membersByFamily(subset)) {
      if (members.length === 0) continue;
      const key = `${addressType} ${JSON.stringify(ports)}`;
      const slice = byShape.get(key);
      if (slice) slice.endpoints = [...(slice.endpoints ?? []), ...members];
      else byShape.set(key, { ...sliceFor(endpoints), addressType, endpoints: members, ports } as EndpointSlice);
    }
  }
  return [...byShape.values()];
}

function portOf({ name, port, protocol, appProtocol }: EndpointPort) {
  return { name: name ?? '', protocol: protocol ?? 'TCP', port, ...(appProtocol ? { appProtocol } : {}) };
}

function membersByFamily({ addresses = [], notReadyAddresses = [] }: EndpointSubset): [string, Endpoint[]][] {
  const all = [
    ...(addresses ?? []).map((each) => memberOf(each, true)),
    ...(notReadyAddresses ?? []).map((each) => memberOf(each, false)),
  ];
  const mirrored = all.slice(0, MAX_ENDPOINTS_PER_SUBSET);
  const ofFamily = (v6: boolean) => mirrored.filter(({ addresses }) => isIpv6(addresses?.[0] ?? '') === v6);
  return [
    ['IPv4', ofFamily(false)],
    ['IPv6', ofFamily(true)],
  ];
}

function memberOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName ? { nodeName } : {}),
  } as Endpoint;
}

function sliceFor(endpoints: Endpoints): Pick<EndpointSlice, 'apiVersion' | 'kind' | 'metadata'> {
  const { name = '', namespace = '' } = endpoints.metadata;
  const { [HEADLESS]: _headless, ...labels } = endpoints.metadata.labels ?? {};
  const annotations = Object.fromEntries(
    Object.entries(endpoints.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.includes(key)),
  );
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [MANAGED_BY]: CONTROLLER, [SERVICE_NAME]: name },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [newControllerRef(endpoints)],
    },
  };
}
