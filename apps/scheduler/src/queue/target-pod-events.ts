import { deepEqual } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import { podRequests } from '../cache/pod-requests.ts';
import { getAmount, type ResourceAmounts } from '../cache/resource-amounts.ts';
import { ClusterEvents, type ClusterEvent } from '../framework/cluster-event.ts';

/** What changed about a pod, as far as it can help itself to a node. Empty for a change of its status or bookkeeping. */
export function targetPodEvents(before: Pod, after: Pod): readonly ClusterEvent[] {
  const specChanged = !deepEqual(before.spec, after.spec);
  const labelsChanged = !deepEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {});
  const otherChanged =
    // Claims made from a template are told in the status.
    !deepEqual(before.status?.resourceClaimStatuses ?? [], after.status?.resourceClaimStatuses ?? []) ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    !deepEqual(before.metadata.annotations ?? {}, after.metadata.annotations ?? {});
  if (!specChanged && !labelsChanged && !otherChanged) return [];

  const events: ClusterEvent[] = [];
  if (labelsChanged) events.push(ClusterEvents.targetPodLabelChange);
  if (specChanged) {
    if (scaledDown(before, after)) events.push(ClusterEvents.targetPodScaleDown);
    if (before.spec.schedulingGates?.length && !after.spec.schedulingGates?.length) {
      events.push(ClusterEvents.targetPodGatesEliminated);
    }
    if (!deepEqual(before.spec.tolerations ?? [], after.spec.tolerations ?? [])) {
      events.push(ClusterEvents.targetPodTolerationChange);
    }
  }
  return events.length > 0 ? events : [ClusterEvents.targetPodUpdate];
}

/** The pod asks for less of some resource than before. */
export function scaledDown(before: Pod, after: Pod): boolean {
  const [was, is] = [podRequests(before), podRequests(after)];
  return resourceNames(was).some((name) => getAmount(is, name) < getAmount(was, name));
}

function resourceNames(amounts: ResourceAmounts): string[] {
  return ['cpu', 'memory', 'ephemeral-storage', ...(amounts.scalars?.keys() ?? [])];
}
