import { selectorFromLabelSelector, selectorFromSet, type Selector } from '@pilothouse/apimachinery';
import {
  type ReplicaSet,
  type ReplicaSetStatus,
  replicasets,
  replicationcontrollers,
  type ResourceRef,
} from '@pilothouse/api';

/** A kind that asks for a number of equal pods. A ReplicationController is a ReplicaSet of an older time. */
export interface ReplicaKind {
  readonly controller: string;
  /** Who signs its events. */
  readonly eventSource: string;
  readonly ref: ResourceRef<ReplicaSet>;
  selectorOf(object: ReplicaSet): Selector;
  /** What of the status the kind has. */
  statusFrom(status: ReplicaSetStatus): ReplicaSetStatus;
}

export const REPLICA_SET: ReplicaKind = {
  controller: 'replicaset-controller',
  eventSource: 'replicaset-controller',
  ref: replicasets,
  selectorOf: ({ spec }) => selectorFromLabelSelector(spec.selector),
  statusFrom: (status) => status,
};

export const REPLICATION_CONTROLLER: ReplicaKind = {
  controller: 'replicationcontroller-controller',
  eventSource: 'replication-controller',
  ref: replicationcontrollers as unknown as ResourceRef<ReplicaSet>,
  // A plain map of labels, where a ReplicaSet has matchLabels.
  selectorOf: ({ spec }) => selectorFromSet(spec.selector as unknown as Record<string, string>),
  statusFrom: ({ terminatingReplicas: _, ...status }) => status,
};
