import type { Job, JobCondition, JobStatus, Pod } from '@pilothouse/api';
import { isPodReady, isPodTerminal } from '@pilothouse/controller';
import { findCondition, formatTime, setCondition } from '../conditions.ts';
import { type Accounting, isFailed } from './accounting.ts';
import { parseIndexes } from './indexes.ts';
import { indexFailuresOf, indexOf, isIndexed } from './pod.ts';

export interface Verdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** At most so many pods are created at a time. */
export const MAX_PODS_PER_SYNC = 500;
const BACKOFF_BASE_MS = 10_000;
const BACKOFF_MAX_MS = 600_000;

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

export interface PodPlan {
  /** One entry a pod: its index, or undefined for a Job without. */
  readonly create: readonly { readonly index: number | undefined; readonly failures: number }[];
  readonly delete: readonly Pod[];
  /** Creation waits so long after failures. */
  readonly waitMs: number;
}

/** How many pods should run now, and which must go. */
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
  if (active.length > wanted)
    return { create: [], delete: surplus(active).slice(0, active.length - wanted), waitMs: 0 };
  const replacesLate =
    job.spec.podReplacementPolicy === 'Failed' ||
    (job.spec.podReplacementPolicy === undefined && job.spec.podFailurePolicy !== undefined);
  const missing = Math.min(MAX_PODS_PER_SYNC, wanted - active.length - (replacesLate ? terminating : 0));
  if (missing <= 0) return { create: [], delete: duplicateIndexes(job, active), waitMs: 0 };
  const waitMs = job.spec.backoffLimitPerIndex === undefined ? backoffMs(job, accounting, pods, now) : 0;
  if (waitMs > 0) return { create: [], delete: [], waitMs };
  return {
    create: isIndexed(job)
      ? freeIndexes(job, accounting, active, pods, missing)
      : Array.from({ length: missing }, () => ({ index: undefined, failures: 0 })),
    delete: duplicateIndexes(job, active),
    waitMs: 0,
  };
}

/** Pods that have done least go first. */
function surplus(active: readonly Pod[]): Pod[] {
  const progress = (pod: Pod): number =>
    isPodReady(pod) ? 3 : pod.status?.phase === 'Running' ? 2 : pod.spec.nodeName ? 1 : 0;
  return [...active].sort(
    (a, b) =>
      progress(a) - progress(b) ||
      ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1),
  );
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

function freeIndexes(job: Job, accounting: Accounting, active: readonly Pod[], pods: readonly Pod[], count: number) {
  const taken = new Set(active.map(indexOf));
  const free: { index: number; failures: number }[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && free.length < count; index++) {
    if (taken.has(index) || accounting.completedIndexes.has(index) || accounting.failedIndexes.has(index)) continue;
    const failed = pods.filter((pod) => indexOf(pod) === index && isFailed(job, pod));
    free.push({ index, failures: failed.length ? Math.max(...failed.map(indexFailuresOf)) + 1 : 0 });
  }
  return free;
}

/** After failures new pods wait: 10 s, doubling with each failure since the last success, at most 10 minutes. */
function backoffMs(job: Job, accounting: Accounting, pods: readonly Pod[], now: Date): number {
  const failures = pods.filter((pod) => isFailed(job, pod));
  if (failures.length === 0) return 0;
  const last = Math.max(...failures.map(finishedAtMs));
  const delay = Math.min(BACKOFF_BASE_MS * 2 ** Math.min(accounting.failed - 1, 10), BACKOFF_MAX_MS);
  return Math.max(0, last + delay - now.getTime());
}

function finishedAtMs(pod: Pod): number {
  const times = (pod.status?.containerStatuses ?? []).flatMap((each) => each.state?.terminated?.finishedAt ?? []);
  return Math.max(
    0,
    ...times.map((time) => Date.parse(time)),
    times.length ? 0 : Date.parse(pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp ?? ''),
  );
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
