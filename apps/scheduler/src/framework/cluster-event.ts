import type { KubeObject } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';

/**
 * What changed in the cluster, as far as it can make a rejected pod schedulable. Pods come in three kinds, as
 * upstream: already assigned to a node, another pod that is not, and the rejected pod itself.
 */
export type EventResource =
  | 'AssignedPod'
  | 'UnscheduledPod'
  | 'TargetPod'
  | 'Node'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'CSINode'
  | 'CSIDriver'
  | 'CSIStorageCapacity'
  | 'DeviceClass'
  | 'ResourceClaim'
  | 'ResourceSlice'
  | '*';

/** A set of actions; an event carries one of them, a registration any number. */
export type ActionType = number;

export const Action = {
  Add: 1,
  Delete: 1 << 1,
  UpdateNodeAllocatable: 1 << 2,
  UpdateNodeLabel: 1 << 3,
  UpdateNodeTaint: 1 << 4,
  UpdateNodeCondition: 1 << 5,
  UpdateNodeAnnotation: 1 << 6,
  UpdatePodLabel: 1 << 7,
  UpdatePodScaleDown: 1 << 8,
  UpdatePodToleration: 1 << 9,
  UpdatePodSchedulingGatesEliminated: 1 << 10,
  /** A change of an object for which the kinds above say nothing. */
  Update: 1 << 11,
  All: (1 << 12) - 1,
} as const;

export interface ClusterEvent {
  readonly resource: EventResource;
  readonly action: ActionType;
  /** Upstream's name of the event, in metrics and logs. */
  readonly label: string;
}

export type QueueingHint = 'Queue' | 'QueueSkip';

/** One kind of event that may make a pod schedulable that this plugin rejected. */
export interface EventRegistration {
  readonly resource: EventResource;
  readonly actions: ActionType;
  /** Looks closer: would this very change help this very pod? Without it, yes. */
  readonly hint?: (pod: Pod, before: KubeObject | undefined, after: KubeObject | undefined) => QueueingHint;
}

export function matchesEvent(registration: EventRegistration, event: ClusterEvent): boolean {
  return (
    (registration.resource === event.resource || registration.resource === '*') &&
    (registration.actions & event.action) !== 0
  );
}

function event(resource: EventResource, action: ActionType, label: string): ClusterEvent {
  return { resource, action, label };
}

/** The events the scheduler raises, by upstream's names. */
export const ClusterEvents = {
  nodeAdd: event('Node', Action.Add, 'NodeAdd'),
  nodeDelete: event('Node', Action.Delete, 'NodeDelete'),
  nodeAllocatableChange: event('Node', Action.UpdateNodeAllocatable, 'NodeAllocatableChange'),
  nodeLabelChange: event('Node', Action.UpdateNodeLabel, 'NodeLabelChange'),
  nodeTaintChange: event('Node', Action.UpdateNodeTaint, 'NodeTaintChange'),
  nodeConditionChange: event('Node', Action.UpdateNodeCondition, 'NodeConditionChange'),
  nodeAnnotationChange: event('Node', Action.UpdateNodeAnnotation, 'NodeAnnotationChange'),
  assignedPodAdd: event('AssignedPod', Action.Add, 'AssignedPodAdd'),
  assignedPodLabelChange: event('AssignedPod', Action.UpdatePodLabel, 'AssignedPodUpdatePodLabel'),
  assignedPodScaleDown: event('AssignedPod', Action.UpdatePodScaleDown, 'AssignedPodUpdatePodScaleDown'),
  assignedPodDelete: event('AssignedPod', Action.Delete, 'AssignedPodDelete'),
  unscheduledPodAdd: event('UnscheduledPod', Action.Add, 'UnschedulablePodAdd'),
  targetPodLabelChange: event('TargetPod', Action.UpdatePodLabel, 'PodLabelChange'),
  targetPodScaleDown: event('TargetPod', Action.UpdatePodScaleDown, 'PodScaleDown'),
  targetPodTolerationChange: event('TargetPod', Action.UpdatePodToleration, 'PodTolerationChange'),
  targetPodGatesEliminated: event(
    'TargetPod',
    Action.UpdatePodSchedulingGatesEliminated,
    'PodSchedulingGatesEliminated',
  ),
  targetPodUpdate: event('TargetPod', Action.Update, 'PodUpdate'),
  /** Rejected so long ago that it is tried again whatever happened. */
  unschedulableTimeout: event('*', Action.All, 'UnschedulableTimeout'),
  /** A plugin asked for the pod by name. */
  forceActivate: event('*', Action.All, 'ForceActivate'),
  scheduleAttemptFailure: event('*', Action.All, 'ScheduleAttemptFailure'),
  backoffComplete: event('*', Action.All, 'BackoffComplete'),
} as const;

/** The event of a change to a resource of which only add, update and delete matter. */
export function resourceEvent(resource: EventResource, change: 'Add' | 'Update' | 'Delete'): ClusterEvent {
  return event(resource, Action[change], `${resource}${change}`);
}
