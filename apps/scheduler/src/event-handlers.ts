import { deepEqual, type KubeObject } from '@pilothouse/apimachinery';
import type { Node, Pod } from '@pilothouse/api';
import type { InformerHandler } from '@pilothouse/client';
import type { SchedulerCache } from './cache/scheduler-cache.ts';
import { ClusterEvents, resourceEvent, type ClusterEvent, type EventResource } from './framework/cluster-event.ts';
import type { WaitingPods } from './framework/waiting-pods.ts';
import type { NominatedPods } from './queue/nominated-pods.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import { scaledDown } from './queue/target-pod-events.ts';

export interface EventSinks {
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly nominatedPods: NominatedPods;
  readonly waitingPods: WaitingPods;
  /** Whether a pod of this scheduler name is ours to place. */
  readonly isOurs: (schedulerName: string) => boolean;
}

/**
 * A pod that takes room on a node, one that waits for a node, or one that is none of our business: finished, or another
 * scheduler's to place.
 */
type PodRole = 'assigned' | 'pending' | 'none';

/** Keeps cache and queue current with pod events, and retries rejected pods that a change may help. */
export function podHandler({ cache, queue, nominatedPods, waitingPods, isOurs }: EventSinks): InformerHandler<Pod> {
  const roleOf = ({ spec, status }: Pod): PodRole => {
    if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return 'none';
    if (spec.nodeName) return 'assigned';
    return isOurs(spec.schedulerName ?? '') ? 'pending' : 'none';
  };
  const appear = (pod: Pod) => {
    const role = roleOf(pod);
    if (role === 'assigned') {
      cache.setPod(pod);
      queue.moveAll(ClusterEvents.assignedPodAdd, undefined, pod);
    } else if (role === 'pending') {
      queue.add(pod);
    }
  };
  const disappear = (pod: Pod) => {
    const role = roleOf(pod);
    const uid = pod.metadata.uid ?? '';
    if (role === 'assigned') {
      cache.removePod(uid);
      queue.moveAll(ClusterEvents.assignedPodDelete, pod, undefined);
    } else if (role === 'pending') {
      const wasNominated = nominatedPods.nodeOf(uid) !== undefined;
      queue.delete(pod);
      waitingPods.get(uid)?.reject('', 'pod is deleted');
      // The room that was kept for it is free.
      if (wasNominated) queue.moveAll(ClusterEvents.assignedPodDelete, pod, undefined);
    }
  };

  return {
    onAdd: appear,
    onDelete: disappear,
    onUpdate(before, after) {
      const [was, is] = [roleOf(before), roleOf(after)];
      // Deleted and created again while the watch was interrupted.
      if (before.metadata.uid !== after.metadata.uid || is === 'none') {
        disappear(before);
        appear(after);
      } else if (is === 'assigned') {
        if (was === 'pending') queue.delete(before);
        cache.setPod(after);
        if (was === 'assigned') {
          for (const event of assignedPodEvents(before, after)) queue.moveAll(event, before, after);
        } else {
          queue.moveAll(ClusterEvents.assignedPodAdd, before, after);
        }
      } else if (
        before.metadata.resourceVersion !== after.metadata.resourceVersion &&
        !cache.isAssumed(after.metadata.uid ?? '')
      ) {
        queue.update(before, after);
      }
    },
  };
}

function assignedPodEvents(before: Pod, after: Pod): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  if (!deepEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {}))
    events.push(ClusterEvents.assignedPodLabelChange);
  if (scaledDown(before, after)) events.push(ClusterEvents.assignedPodScaleDown);
  return events;
}

/** Keeps the cache current with node events, and retries rejected pods that a change may help. */
export function nodeHandler({ cache, queue }: EventSinks): InformerHandler<Node> {
  return {
    onAdd(node) {
      cache.setNode(node);
      queue.moveAll(ClusterEvents.nodeAdd, undefined, node);
    },
    onUpdate(before, after) {
      cache.setNode(after);
      for (const event of nodeEvents(before, after)) queue.moveAll(event, before, after);
    },
    onDelete(node) {
      queue.moveAll(ClusterEvents.nodeDelete, node, undefined);
      cache.removeNode(node.metadata.name!);
    },
  };
}

/** What changed about a node, as far as scheduling can depend on it: the heartbeat alone is nothing. */
export function nodeEvents(before: Node, after: Node): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  if (!deepEqual(before.status?.allocatable, after.status?.allocatable))
    events.push(ClusterEvents.nodeAllocatableChange);
  if (!deepEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {})) events.push(ClusterEvents.nodeLabelChange);
  if (
    !deepEqual(before.spec.taints ?? [], after.spec.taints ?? []) ||
    !!before.spec.unschedulable !== !!after.spec.unschedulable
  ) {
    events.push(ClusterEvents.nodeTaintChange);
  }
  if (!deepEqual(conditionStates(before), conditionStates(after))) events.push(ClusterEvents.nodeConditionChange);
  if (!deepEqual(before.metadata.annotations ?? {}, after.metadata.annotations ?? {}))
    events.push(ClusterEvents.nodeAnnotationChange);
  return events;
}

function conditionStates(node: Node): Record<string, string> {
  return Object.fromEntries((node.status?.conditions ?? []).map(({ type, status }) => [type, status]));
}

/** Retries rejected pods on any change to a resource that scheduling only looks up. */
export function resourceHandler<T extends KubeObject>(
  resource: EventResource,
  queue: SchedulingQueue,
): InformerHandler<T> {
  const [added, updated, deleted] = (['Add', 'Update', 'Delete'] as const).map((change) =>
    resourceEvent(resource, change),
  );
  return {
    onAdd: (object) => queue.moveAll(added!, undefined, object),
    onUpdate: (before, after) => queue.moveAll(updated!, before, after),
    onDelete: (object) => queue.moveAll(deleted!, object, undefined),
  };
}
