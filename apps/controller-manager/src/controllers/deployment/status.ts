import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '@pilothouse/api';
import { findCondition, formatTime, removeCondition, setCondition } from '../conditions.ts';
import { totalActual, totalAvailable, totalReady, totalSize } from './replica-sets.ts';
import { fenceposts } from './rolling-update.ts';

/** Marks a Deployment without a progress deadline (upstream's MaxInt32). */
const NO_DEADLINE_SECONDS = 2 ** 31 - 1;

const hasDeadline = (deployment: Deployment): boolean =>
  (deployment.spec.progressDeadlineSeconds ?? NO_DEADLINE_SECONDS) !== NO_DEADLINE_SECONDS;

/** `lastUpdateTime` is a Deployment condition's own: it moves with every write of the condition. */
export function newCondition(
  type: string,
  status: string,
  reason: string,
  message: string,
  now: Date,
): DeploymentCondition {
  return { type, status, lastUpdateTime: formatTime(now), lastTransitionTime: formatTime(now), reason, message };
}

/** Counts and availability; progress is judged separately, see `planProgress`. */
export function planStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newOne: ReplicaSet | undefined,
  now: Date,
): DeploymentStatus {
  const available = totalAvailable(all);
  const terminating = all.reduce((total, each) => total + (each.status?.terminatingReplicas ?? 0), 0);
  const desired = deployment.spec.replicas ?? 1;
  const isAvailable = available >= desired - fenceposts(deployment).maxUnavailable;
  const conditions = setCondition(
    deployment.status?.conditions,
    isAvailable
      ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
      : newCondition(
          'Available',
          'False',
          'MinimumReplicasUnavailable',
          'Deployment does not have minimum availability.',
          now,
        ),
  );
  const { collisionCount } = deployment.status ?? {};
  return counted({
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: totalActual(all),
    updatedReplicas: newOne?.status?.replicas ?? 0,
    readyReplicas: totalReady(all),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, totalSize(all) - available),
    terminatingReplicas: terminating,
    conditions,
    ...(collisionCount === undefined ? {} : { collisionCount }),
  });
}

/** Zero counts are not written, except the pointer `terminatingReplicas`. */
function counted(status: DeploymentStatus): DeploymentStatus {
  return Object.fromEntries(
    Object.entries(status).filter(([key, value]) => value !== 0 || key === 'terminatingReplicas'),
  ) as DeploymentStatus;
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = deployment.spec.replicas ?? 1;
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function isProgressing(deployment: Deployment, status: DeploymentStatus): boolean {
  const before = deployment.status ?? {};
  const oldReplicas = (each: DeploymentStatus) => (each.replicas ?? 0) - (each.updatedReplicas ?? 0);
  return (
    (status.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldReplicas(status) < oldReplicas(before) ||
    (status.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

export function isTimedOut(deployment: Deployment, status: DeploymentStatus, now: Date): boolean {
  const condition = findCondition(status.conditions, 'Progressing');
  if (!condition) return false;
  if (condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  const since = Date.parse(condition.lastUpdateTime ?? '');
  return now.getTime() > since + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
}

/**
 * Adds the Progressing and ReplicaFailure conditions to `status`.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export function planProgress(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newOne: ReplicaSet | undefined,
  status: DeploymentStatus,
  now: Date,
): DeploymentStatus {
  let conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) conditions = removeCondition(conditions, 'Progressing');

  const current = findCondition(deployment.status?.conditions, 'Progressing');
  const wasComplete = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (hasDeadline(deployment) && !wasComplete) {
    const subject = newOne ? `ReplicaSet "${newOne.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
    if (isComplete(deployment, status)) {
      conditions = setCondition(
        conditions,
        newCondition('Progressing', 'True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`, now),
      );
    } else if (isProgressing(deployment, status)) {
      const next = newCondition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, now);
      // Progress with an unchanged reason must still move the update time, from which the deadline counts.
      const kept =
        current?.status === 'True' ? { ...next, lastTransitionTime: current.lastTransitionTime ?? null } : next;
      conditions = [...removeCondition(conditions, 'Progressing'), kept];
    } else if (isTimedOut(deployment, { ...status, conditions }, now)) {
      conditions = setCondition(
        conditions,
        newCondition('Progressing', 'False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`, now),
      );
    }
  }
  conditions = withReplicaFailure(conditions, all, newOne);
  return { ...status, conditions };
}

/** A failure to create pods is shown on the Deployment too; the new ReplicaSet's before those of old ones. */
function withReplicaFailure(
  conditions: readonly DeploymentCondition[],
  all: readonly ReplicaSet[],
  newOne: ReplicaSet | undefined,
): DeploymentCondition[] {
  const failures = [newOne, ...all].flatMap((each) => findCondition(each?.status?.conditions, 'ReplicaFailure') ?? []);
  const [failure] = failures;
  if (!failure) return removeCondition(conditions, 'ReplicaFailure');
  return setCondition(conditions, {
    type: 'ReplicaFailure',
    status: failure.status,
    reason: failure.reason ?? '',
    message: failure.message ?? '',
    lastTransitionTime: failure.lastTransitionTime ?? null,
    lastUpdateTime: failure.lastTransitionTime ?? null,
  });
}

/** Milliseconds until the progress deadline should be looked at; undefined when there is none running. */
export function progressCheckDelayMs(deployment: Deployment, status: DeploymentStatus, now: Date): number | undefined {
  const condition = findCondition(status.conditions, 'Progressing');
  if (!hasDeadline(deployment) || !condition) return undefined;
  if (condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded')
    return undefined;
  const deadline = Date.parse(condition.lastUpdateTime ?? '') + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
  return Math.max(0, deadline - now.getTime()) + 1000;
}
