import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { getAmount } from '../cache/resource-amounts.ts';

/** A resource that scoring looks at, and how much it counts. */
export interface WeightedResource {
  readonly name: string;
  readonly weight: number;
}

/** CPU and memory count alike unless configured otherwise. */
export const DEFAULT_RESOURCES: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** Of one resource on one node: what would be requested with the pod there, of what there is. */
export interface Allocation {
  readonly requested: number;
  readonly allocatable: number;
  readonly weight: number;
}

/**
 * The allocations of one pod on one node. `floored` counts a container without requests as if it asked for a little,
 * see PodInfo.nonZeroRequests. A resource that the node does not have, or an extended one that the pod does not ask
 * for, is left out.
 */
export function allocationsOf(
  pod: PodInfo,
  node: NodeInfo,
  resources: readonly WeightedResource[],
  floored: boolean,
): Allocation[] {
  const podRequests = floored ? pod.nonZeroRequests : pod.requests;
  const nodeRequests = floored ? node.nonZeroRequested : node.requested;
  const allocations: Allocation[] = [];
  for (const { name, weight } of resources) {
    const wanted = getAmount(podRequests, name);
    const allocatable = getAmount(node.allocatable, name);
    if (allocatable === 0 || (wanted === 0 && isExtended(name))) continue;
    allocations.push({ requested: getAmount(nodeRequests, name) + wanted, allocatable, weight });
  }
  return allocations;
}

function isExtended(name: string): boolean {
  return name !== 'cpu' && name !== 'memory' && name !== 'ephemeral-storage';
}
