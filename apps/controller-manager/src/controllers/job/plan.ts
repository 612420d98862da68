import type { Job, JobCondition, JobStatus, Pod } from '@pilothouse/api';
import { isPodReady, isPodTerminal, sortPodsForDeletion } from '@pilothouse/controller';
import { findCondition, formatTime, setCondition } from '../conditions.ts';
import type { Accounting } from './accounting.ts';
import { backoffMs, indexBackoffMs, lastFailedByIndex, nextIndexFailures } from './backoff.ts';
import { parseIndexes } from './indexes.ts';
import { type IndexFailures, indexOf, isFailed, isIndexed } from './pod.ts';

export interface Verdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** At most so many pods are created at a time. */
export const MAX_PODS_PER_SYNC = 500;

export const isFinished = (job: Job): boolean =>
  job.status?.conditions?.some(
    (each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True',
  ) === true;

/** Pods that still run, and those on their way out. */
export function activePods(job: Job, pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp && !isFailed(job, pod));
}

export function terminatingPods(pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => !isPodTerminal(pod) && pod.metadata.deletionTimestamp);
}

/** Whether the Job is over, and how. Undefined while it goes on. */
export function judgeJob(job: Job, accounting: Accounting, active: readonly Pod[], now: Date): Verdict | undefined {
  const { failed, succeeded, failJob, failedIndexes, completedIndexes } = accounting;
  if (failJob) return { type: 'Failed', reason: 'PodFailurePolicy', message: failJob };
  const backoffLimit = job.spec.backoffLimit ?? 6;
  if (failed > backoffLimit || restartsOver(job, active, backoffLimit)) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  }
  if (pastDeadline(job, now))
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  if (job.spec.maxFailedIndexes !== undefined && failedIndexes.size > job.spec.maxFailedIndexes) {
    return {
      type: 'Failed',
      reason: 'MaxFailedIndexesExceeded',
      message: 'Job has exceeded the specified maximal number of failed indexes',
    };
  }
  const rule = metSuccessRule(job, completedIndexes);
  if (rule !== undefined)
    return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
  const { completions } = job.spec;
  if (completions === undefined) {
    // Work queue: one success means that the work is done, and the others may end.
    const done = succeeded > 0 && active.length === 0;
    return done
      ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
      : undefined;
  }
  if (failedIndexes.size > 0 && completedIndexes.size + failedIndexes.size >= completions && active.length === 0) {
    return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' };
  }
  return succeeded >= completions && active.length === 0
    ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : undefined;
}

/** With OnFailure containers restart in place, and it is the restarts that count. */
function restartsOver(job: Job, active: readonly Pod[], backoffLimit: number): boolean {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = active.reduce((sum, pod) => {
    if (pod.status?.phase !== 'Running' && pod.status?.phase !== 'Pending') return sum;
    const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
    return sum + statuses.reduce((total, each) => total + each.restartCount, 0);
  }, 0);
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

function pastDeadline(job: Job, now: Date): boolean {
  const { activeDeadlineSeconds } = job.spec;
  const { startTime } = job.status ?? {};
  return (
    activeDeadlineSeconds !== undefined &&
    !job.spec.suspend &&
    startTime !== undefined &&
    now.getTime() >= Date.parse(startTime) + activeDeadlineSeconds * 1000
  );
}

function metSuccessRule(job: Job, completed: ReadonlySet<number>): number | undefined {
  const at = (job.spec.successPolicy?.rules ?? []).findIndex((rule) => {
    if (rule.succeededIndexes === undefined) return completed.size >= (rule.succeededCount ?? Infinity);
    const wanted = [...parseIndexes(rule.succeededIndexes, job.spec.completions ?? 0)];
    const met = wanted.filter((index) => completed.has(index)).length;
    return met >= (rule.succeededCount ?? wanted.length);
  });
  return at < 0 ? undefined : at;
}

export interface NextPod {
  /** Undefined for a Job without indexes. */
  readonly index: number | undefined;
  readonly failures: IndexFailures;
}

/** Pods to create or to delete, never both: what is deleted may make room for something else to create. */
export interface PodPlan {
  readonly create: readonly NextPod[];
  readonly delete: readonly Pod[];
  /** Creation of some waits so long after failures. */
  readonly waitMs: number;
}

/** How many pods should run now, and which must go. Mirrors manageJob of pkg/controller/job. */
export function planPods(job: Job, accounting: Accounting, pods: readonly Pod[], now: Date): PodPlan {
  const active = activePods(job, pods);
  const terminating = terminatingPods(pods).length;
  const parallelism = job.spec.parallelism ?? 1;
  if (job.spec.suspend) return { create: [], delete: active, waitMs: 0 };
  const { completions } = job.spec;
  const wanted =
    completions === undefined
      ? accounting.succeeded > 0
        ? active.length
        : parallelism
      : Math.max(0, Math.min(parallelism, completions - accounting.succeeded - accounting.failedIndexes.size));
  const duplicates = duplicateIndexes(job, active);
  const surplus = active.length - wanted - duplicates.length;
  const others = active.filter((pod) => !duplicates.includes(pod));
  const remove = [...duplicates, ...(surplus > 0 ? sortPodsForDeletion(others, now).slice(0, surplus) : [])];
  if (remove.length > 0) return { create: [], delete: remove.slice(0, MAX_PODS_PER_SYNC), waitMs: 0 };
  const replacesLate =
    job.spec.podReplacementPolicy === 'Failed' ||
    (job.spec.podReplacementPolicy === undefined && job.spec.podFailurePolicy !== undefined);
  const missing = Math.min(MAX_PODS_PER_SYNC, wanted - active.length - (replacesLate ? terminating : 0));
  if (missing <= 0) return { create: [], delete: [], waitMs: 0 };
  if (job.spec.backoffLimitPerIndex !== undefined) return planIndexes(job, accounting, active, pods, missing, now);
  const waitMs = backoffMs(job, pods, now);
  if (waitMs > 0) return { create: [], delete: [], waitMs };
  const failures = { failures: 0, ignored: 0 };
  const indexes = isIndexed(job) ? freeIndexes(job, accounting, active) : undefined;
  const create = Array.from({ length: missing }, () => ({ index: indexes?.next().value, failures }));
  return { create: indexes ? create.filter(({ index }) => index !== undefined) : create, delete: [], waitMs: 0 };
}

/** Each index waits by itself. */
function planIndexes(
  job: Job,
  accounting: Accounting,
  active: readonly Pod[],
  pods: readonly Pod[],
  missing: number,
  now: Date,
): PodPlan {
  const lastFailed = lastFailedByIndex(job, pods);
  const create: NextPod[] = [];
  let waitMs = Infinity;
  for (const index of freeIndexes(job, accounting, active)) {
    if (create.length === missing) break;
    const last = lastFailed.get(index);
    const delay = last ? indexBackoffMs(last, now) : 0;
    if (delay > 0) waitMs = Math.min(waitMs, delay);
    else create.push({ index, failures: nextIndexFailures(job, last) });
  }
  return { create, delete: [], waitMs: waitMs === Infinity ? 0 : waitMs };
}

function duplicateIndexes(job: Job, active: readonly Pod[]): Pod[] {
  if (!isIndexed(job)) return [];
  const seen = new Set<number>();
  return active.filter((pod) => {
    const index = indexOf(pod);
    if (index === undefined || index >= (job.spec.completions ?? 0) || seen.has(index)) return true;
    seen.add(index);
    return false;
  });
}

/** Indexes, from the first, that are neither running nor over. */
function* freeIndexes(job: Job, accounting: Accounting, active: readonly Pod[]): Generator<number, undefined> {
  const taken = new Set(active.map(indexOf));
  for (let index = 0; index < (job.spec.completions ?? 0); index++) {
    if (!taken.has(index) && !accounting.completedIndexes.has(index) && !accounting.failedIndexes.has(index))
      yield index;
  }
  return undefined;
}

export function condition(type: string, status: string, reason: string, message: string, now: Date): JobCondition {
  return { type, status, lastProbeTime: formatTime(now), lastTransitionTime: formatTime(now), reason, message };
}

/** Counts, times and conditions. A verdict is shown first as a target, and as final when the last pod has ended. */
export function planStatus(
  job: Job,
  accounting: Accounting,
  pods: readonly Pod[],
  verdict: Verdict | undefined,
  now: Date,
): JobStatus {
  const active = verdict ? [] : activePods(job, pods);
  const ready = active.filter(isPodReady).length;
  const terminating = terminatingPods(pods).length + (verdict ? activePods(job, pods).length : 0);
  let conditions = job.status?.conditions ?? [];
  if (verdict) {
    const target = verdict.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    if (!findCondition(conditions, target))
      conditions = [...conditions, condition(target, 'True', verdict.reason, verdict.message, now)];
    const isFinal = terminating === 0 && !accounting.isPending;
    if (isFinal)
      conditions = setCondition(conditions, condition(verdict.type, 'True', verdict.reason, verdict.message, now));
  } else if (job.spec.suspend) {
    conditions = setCondition(conditions, condition('Suspended', 'True', 'JobSuspended', 'Job suspended', now));
  } else if (findCondition(conditions, 'Suspended')?.status === 'True') {
    conditions = setCondition(conditions, condition('Suspended', 'False', 'JobResumed', 'Job resumed', now));
  }
  const finished = conditions.some((each) => each.type === 'Complete' && each.status === 'True');
  const startTime = job.spec.suspend ? undefined : (job.status?.startTime ?? formatTime(now));
  return {
    ...(conditions.length ? { conditions } : {}),
    ...(startTime ? { startTime } : {}),
    ...(finished ? { completionTime: job.status?.completionTime ?? formatTime(now) } : {}),
    ...(active.length ? { active: active.length } : {}),
    ...accounting.status,
    terminating,
    ready,
  };
}

/** The verdict that an earlier round has already shown as the target. */
export function standingVerdict(job: Job): Verdict | undefined {
  const target = job.status?.conditions?.find(
    (each) => (each.type === 'SuccessCriteriaMet' || each.type === 'FailureTarget') && each.status === 'True',
  );
  if (!target) return undefined;
  return {
    type: target.type === 'FailureTarget' ? 'Failed' : 'Complete',
    reason: target.reason ?? '',
    message: target.message ?? '',
  };
}
