import { createHash } from 'node:crypto';
import type { Node, NodeCondition, NodeStatus, Taint } from '@pilothouse/api';
import { Quantity } from '@pilothouse/apimachinery';
import type { StoredImage } from '../runtime/image-store.ts';
import { type Pressure, PRESSURES } from './pressure.ts';

/** What a simulated node is made of. */
export interface NodeSpec {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** `cpu`, `memory`, `ephemeral-storage`, `pods` and any extended resource. */
  readonly capacity: Readonly<Record<string, string>>;
  /** Taken off the capacity to give allocatable: system and Kubernetes reservations. */
  readonly reserved: Readonly<Record<string, string>>;
  /** Where the kubelet serves; 0 when it does not. */
  readonly kubeletPort: number;
  readonly runtimeVersion: string;
  readonly unschedulable: boolean;
  /** How many simulated devices of which driver. */
  readonly devices: Readonly<Record<string, string>>;
}

/** The level of the API that this kubelet follows. */
export const KUBELET_VERSION = 'v1.36.0';

/** The object a kubelet registers itself with. */
export function newNode(spec: NodeSpec, now: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: nodeLabels(spec),
      annotations: nodeAnnotations(),
    },
    spec: {
      ...(spec.taints.length > 0 ? { taints: [...spec.taints] } : {}),
      ...(spec.unschedulable ? { unschedulable: true } : {}),
    },
    status: nodeStatus(spec, undefined, [], [], now),
  };
}

/** Pods of a simulated node are on no network: the apiserver's proxy reaches them through port-forward. */
export function nodeAnnotations(): Record<string, string> {
  return {
    'pilothouse.dev/pod-network': 'port-forward',
    'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
  };
}

export function nodeLabels(spec: NodeSpec): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': spec.name,
    'kubernetes.io/os': 'linux',
    ...spec.labels,
  };
}

/** The status to report now; `before` gives the transition times of conditions that did not change. */
export function nodeStatus(
  spec: NodeSpec,
  before: NodeStatus | undefined,
  images: readonly StoredImage[],
  pressures: readonly Pressure[],
  now: string,
): NodeStatus {
  return {
    capacity: { ...spec.capacity },
    allocatable: allocatable(spec),
    conditions: nodeConditions(before?.conditions ?? [], pressures, now),
    addresses: [
      ...spec.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: spec.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: spec.kubeletPort } },
    nodeInfo: {
      machineID: identity('machine', spec.name).replaceAll('-', ''),
      systemUUID: identity('system', spec.name),
      bootID: identity('boot', spec.name),
      kernelVersion: '6.12.0-pilothouse',
      osImage: 'Pilothouse simulated node',
      containerRuntimeVersion: spec.runtimeVersion,
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    ...(images.length > 0 ? { images: reportedImages(images) } : {}),
    runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: false, userNamespaces: false } }],
    features: { supplementalGroupsPolicy: true },
  };
}

/** Upstream reports the fifty largest. */
function reportedImages(images: readonly StoredImage[]): NonNullable<NodeStatus['images']> {
  return [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, 50)
    .map(({ id, reference, sizeBytes }) => ({ names: [id, reference], sizeBytes }));
}

function allocatable({ capacity, reserved }: NodeSpec): Record<string, string> {
  return Object.fromEntries(
    Object.entries(capacity).map(([name, amount]) => {
      const kept = reserved[name];
      return [name, kept === undefined ? amount : Quantity.parse(amount).sub(Quantity.parse(kept)).toString()];
    }),
  );
}

type OwnCondition = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>;

function ownConditions(pressures: readonly Pressure[]): OwnCondition[] {
  return [
    ...PRESSURES.map((each): OwnCondition => {
      const isShort = pressures.includes(each);
      return { type: each.condition, status: isShort ? 'True' : 'False', ...(isShort ? each.short : each.enough) };
    }),
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ];
}

/** Conditions of others (NetworkUnavailable) stay as they are. */
export function nodeConditions(
  before: readonly NodeCondition[],
  pressures: readonly Pressure[],
  now: string,
): NodeCondition[] {
  const wanted = ownConditions(pressures);
  const foreign = before.filter(({ type }) => !wanted.some((own) => own.type === type));
  const own = wanted.map((condition): NodeCondition => {
    const old = before.find(({ type }) => type === condition.type);
    const unchanged = old?.status === condition.status && old.lastTransitionTime;
    return {
      type: condition.type,
      status: condition.status,
      lastHeartbeatTime: now,
      lastTransitionTime: unchanged || now,
      ...(condition.reason ? { reason: condition.reason } : {}),
      ...(condition.message ? { message: condition.message } : {}),
    };
  });
  return [...foreign, ...own];
}

/** The same node has the same identifiers in every run. */
function identity(kind: string, name: string): string {
  const hex = createHash('sha256').update(`${kind}/${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
