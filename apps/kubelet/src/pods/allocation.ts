import type { Container, Pod, ResourceRequirements } from '@pilothouse/api';
import { containersOf } from './pod-containers.ts';
import { capacityLack, roomLack } from './node-room.ts';
import type { NodeRoom } from './node-room.ts';
import { podRequests } from './pod-requests.ts';
import { sameResources } from './same-resources.ts';

/**
 * What the kubelet granted a pod, which after a resize need not be what the pod asks for.
 * https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
export interface Allocation {
  /** The version of the pod that was judged. */
  readonly generation: number | undefined;
  /** By the container's name. */
  readonly resources: Readonly<Record<string, ResourceRequirements>>;
  /** Why the newest request is not granted. */
  readonly pending?: { readonly reason: 'Deferred' | 'Infeasible'; readonly message: string };
}

/** A pod that was admitted has what it asked for. */
export function allocationOf(pod: Pod): Allocation {
  const granted = containersOf(pod).map(({ container }) => [container.name, container.resources ?? {}] as const);
  return { generation: pod.metadata.generation, resources: Object.fromEntries(granted) };
}

/** What an earlier kubelet process had granted, as it wrote it into the status; judged again at the first look. */
export function restoredAllocation(pod: Pod): Allocation {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const statuses = [...initContainerStatuses, ...containerStatuses];
  const granted = containersOf(pod).map(({ container }) => {
    const status = statuses.find(({ name }) => name === container.name);
    const told = status?.allocatedResources && { ...status.resources, requests: status.allocatedResources };
    return [container.name, told ?? container.resources ?? {}] as const;
  });
  return { generation: undefined, resources: Object.fromEntries(granted) };
}

/** The pod with what it was granted in the place of what it asks for. */
export function allocatedPod(pod: Pod, allocation: Allocation | undefined): Pod {
  if (!allocation?.pending) return pod;
  const grant = <T extends Container>(container: T): T => {
    const { resources: _, ...rest } = container;
    const granted = allocation.resources[container.name] ?? {};
    return { ...rest, ...(Object.keys(granted).length > 0 ? { resources: granted } : {}) } as T;
  };
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(grant),
      ...(initContainers ? { initContainers: initContainers.map(grant) } : {}),
    },
  };
}

/**
 * Judges a pod whose resources may have changed. The same allocation comes back when there is nothing new; a request
 * that was deferred is judged each time anew, as room may have been made.
 */
export function planAllocation(pod: Pod, allocation: Allocation, room: () => NodeRoom): Allocation {
  const { generation } = pod.metadata;
  const isJudged = generation !== undefined && generation === allocation.generation;
  if (isJudged && allocation.pending?.reason !== 'Deferred') return allocation;
  const desired = allocationOf(pod);
  const { pending: _, ...granted } = allocation;
  const isUnchanged = Object.entries(desired.resources).every(([name, resources]) =>
    sameResources(resources, allocation.resources[name]),
  );
  // As it was granted: also when a request was taken back.
  if (isUnchanged) return { ...granted, generation };
  const requests = podRequests(pod);
  const node = room();
  const infeasible = capacityLack(requests, node);
  const lack = infeasible ?? roomLack(requests, node);
  if (lack === undefined) return desired;
  const pending = { reason: infeasible ? 'Infeasible' : 'Deferred', message: lack } as const;
  const isSaid = isJudged && allocation.pending?.message === lack && allocation.pending.reason === pending.reason;
  return isSaid ? allocation : { ...granted, generation, pending };
}
