import type { Job, JobStatus, Pod } from '@pilothouse/api';
import { judgeFailure } from './failure-policy.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { indexFailuresOf, indexOf, isIndexed, isTracked } from './pod.ts';

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

/** Counts as failed: phase Failed, or being deleted while that is how the Job replaces pods. */
export function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  const waitsForFailed = job.spec.podReplacementPolicy === 'Failed' || job.spec.podFailurePolicy !== undefined;
  return !waitsForFailed && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

export function account(job: Job, pods: readonly Pod[]): Accounting {
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
      // A pod that still runs down keeps its finalizer until its outcome is final.
      release.push(pod);
      if (verdict.action === 'FailJob') failJob ??= verdict.message;
      if (verdict.action !== 'Ignore' && !known.has(uid)) failed.push(uid);
      const overLimit =
        job.spec.backoffLimitPerIndex !== undefined && indexFailuresOf(pod) >= job.spec.backoffLimitPerIndex;
      const counts = verdict.action !== 'Ignore';
      if (
        index !== undefined &&
        counts &&
        job.spec.backoffLimitPerIndex !== undefined &&
        (overLimit || verdict.action === 'FailIndex')
      ) {
        failedIndexes.add(index);
      }
    }
  }
  const countedSucceeded = isIndexed(job) ? completed.size : (before.succeeded ?? 0) + flushedSucceeded;
  const countedFailed = (before.failed ?? 0) + flushedFailed;
  return {
    succeeded: isIndexed(job) ? completed.size : countedSucceeded + succeeded.length,
    failed: countedFailed + failed.length,
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
    isPending: succeeded.length + failed.length > 0 || release.length > 0,
    failJob,
  };
}
