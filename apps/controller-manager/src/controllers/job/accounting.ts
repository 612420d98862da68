import type { Job, JobStatus, Pod } from '@pilothouse/api';
import { isPodActive } from '@pilothouse/controller';
import { lastFailedByIndex } from './backoff.ts';
import { judgeFailure } from './failure-policy.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { indexFailuresOf, indexOf, isFailed, isIndexed, isTracked } from './pod.ts';

/**
 * Counting outcomes exactly once. A finished pod keeps a finalizer; its uid is first written to
 * `status.uncountedTerminatedPods`, then the finalizer goes, then the uid becomes part of the counter. A crash between
 * any two steps repeats a step and counts nothing twice. Mirrors trackJobStatusAndRemoveFinalizers of pkg/controller/job.
 */
export interface Accounting {
  /** Counters with everything that is known, counted or about to be. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** The status to write before the finalizers go. */
  readonly status: Pick<
    JobStatus,
    'succeeded' | 'failed' | 'completedIndexes' | 'failedIndexes' | 'uncountedTerminatedPods'
  >;
  /** Pods whose finalizer can go once `status` is written. */
  readonly release: readonly Pod[];
  /** Uids wait in the status, so another round is needed. */
  readonly isPending: boolean;
  /** A pod failed in a way that ends the Job. */
  readonly failJob: string | undefined;
}

/**
 * With a limit for each index, the pod that failed last at an index tells how often that was, so it is neither counted nor
 * let go before the next pod, which says so itself, is there. When the Job is `ending` there is no next pod.
 */
export function account(job: Job, pods: readonly Pod[], ending = false): Accounting {
  const before = job.status ?? {};
  const completions = job.spec.completions ?? 0;
  const tracked = new Set(pods.filter(isTracked).map((pod) => pod.metadata.uid ?? ''));
  const completed = parseIndexes(before.completedIndexes, completions);
  const failedIndexes = parseIndexes(before.failedIndexes, completions);

  // Uids whose finalizer is gone are counted now.
  const flush = (uids: readonly string[] | undefined): [counted: number, waiting: string[]] => {
    const waiting = (uids ?? []).filter((uid) => tracked.has(uid));
    return [(uids ?? []).length - waiting.length, waiting];
  };
  const [flushedSucceeded, waitingSucceeded] = flush(before.uncountedTerminatedPods?.succeeded);
  const [flushedFailed, waitingFailed] = flush(before.uncountedTerminatedPods?.failed);
  const succeeded = [...waitingSucceeded];
  const failed = [...waitingFailed];
  const known = new Set([...succeeded, ...failed]);

  const release: Pod[] = [];
  const { backoffLimitPerIndex } = job.spec;
  const lastFailed = backoffLimitPerIndex === undefined || ending ? undefined : lastFailedByIndex(job, pods);
  const running = new Set(lastFailed && pods.filter((pod) => isPodActive(pod)).map(indexOf));
  let held = 0;
  let failJob: string | undefined;
  for (const pod of pods) {
    if (!isTracked(pod)) continue;
    const uid = pod.metadata.uid ?? '';
    const index = indexOf(pod);
    if (pod.status?.phase === 'Succeeded') {
      release.push(pod);
      if (isIndexed(job)) {
        if (index !== undefined && index < completions) completed.add(index);
      } else if (!known.has(uid)) succeeded.push(uid);
    } else if (isFailed(job, pod)) {
      const verdict = judgeFailure(job, pod);
      if (verdict.action === 'FailJob') failJob ??= verdict.message;
      const counts = verdict.action !== 'Ignore';
      if (index !== undefined && backoffLimitPerIndex !== undefined && counts) {
        const isOver = indexFailuresOf(pod).failures >= backoffLimitPerIndex;
        if (isOver || verdict.action === 'FailIndex') failedIndexes.add(index);
      }
      const isNeeded = index !== undefined && lastFailed?.get(index) === pod && !running.has(index);
      if (isNeeded && !failedIndexes.has(index) && !completed.has(index)) {
        if (counts) held++;
        continue;
      }
      release.push(pod);
      if (counts && !known.has(uid)) failed.push(uid);
    }
  }
  const countedSucceeded = isIndexed(job) ? completed.size : (before.succeeded ?? 0) + flushedSucceeded;
  const countedFailed = (before.failed ?? 0) + flushedFailed;
  return {
    succeeded: isIndexed(job) ? completed.size : countedSucceeded + succeeded.length,
    failed: countedFailed + failed.length + held,
    completedIndexes: completed,
    failedIndexes,
    status: {
      ...(countedSucceeded ? { succeeded: countedSucceeded } : {}),
      ...(countedFailed ? { failed: countedFailed } : {}),
      ...(completed.size ? { completedIndexes: formatIndexes(completed) } : {}),
      ...(job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes(failedIndexes) }),
      uncountedTerminatedPods: {
        ...(succeeded.length ? { succeeded } : {}),
        ...(failed.length ? { failed } : {}),
      },
    },
    release,
    isPending: succeeded.length + failed.length > 0 || release.length > 0 || held > 0,
    failJob,
  };
}
