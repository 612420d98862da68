import type { Node, Pod, PodSpec, Taint } from '@pilothouse/api';

export interface NodeShape {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly extended?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly images?: readonly { names: string[]; sizeBytes: number }[];
}

/** A node of 4 CPUs, 8 GiB and 110 pods unless told, labelled with its hostname. */
export function node(name: string, shape: NodeShape = {}): Node {
  const { cpu = '4', memory = '8Gi', pods = '110', extended, labels, taints, unschedulable, images } = shape;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `node-${name}`, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints ? { taints: [...taints] } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: {
      allocatable: { cpu, memory, pods, 'ephemeral-storage': '100Gi', ...extended },
      ...(images ? { images: [...images] } : {}),
    },
  };
}

export interface PodShape {
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
  readonly priority?: number;
  readonly on?: string;
  readonly startTime?: string;
  readonly spec?: Partial<PodSpec>;
  readonly status?: Pod['status'];
  readonly metadata?: Partial<Pod['metadata']>;
}

/** A pod of one container; `on` is the node that it runs on. */
export function pod(name: string, shape: PodShape = {}): Pod {
  const {
    namespace = 'default',
    uid = `uid-${name}`,
    labels,
    requests,
    priority,
    on,
    startTime,
    spec,
    status,
    metadata,
  } = shape;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid, resourceVersion: '1', ...(labels ? { labels: { ...labels } } : {}), ...metadata },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'main', image: 'nginx', ...(requests ? { resources: { requests: { ...requests } } } : {}) }],
      ...(priority === undefined ? {} : { priority }),
      ...(on === undefined ? {} : { nodeName: on }),
      ...spec,
    },
    status: { phase: on ? 'Running' : 'Pending', ...(startTime ? { startTime } : {}), ...status },
  };
}
