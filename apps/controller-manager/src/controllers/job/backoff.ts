import type { Job, Pod } from '@pilothouse/api';
import { judgeFailure } from './failure-policy.ts';
import { type IndexFailures, indexFailuresOf, indexOf, isFailed } from './pod.ts';

const BASE_MS = 10_000;
const MAX_MS = 600_000;

/**
 * How long new pods must wait after failures: 10 s after the last, doubling with each failure since the last success, at
 * most 10 minutes. https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
 */
export function backoffMs(job: Job, pods: readonly Pod[], now: Date): number {
  let [lastSuccess, lastFailure] = [-Infinity, -Infinity];
  const failures: number[] = [];
  for (const pod of pods) {
    if (pod.status?.phase === 'Succeeded') lastSuccess = Math.max(lastSuccess, finishedAtMs(pod));
    else if (isFailed(job, pod)) failures.push(finishedAtMs(pod));
  }
  const since = failures.filter((time) => time > lastSuccess);
  for (const time of since) lastFailure = Math.max(lastFailure, time);
  return remainingMs(since.length, lastFailure, now);
}

/** The same for one index of a Job with a limit for each index; `last` is the pod that failed last. */
export function indexBackoffMs(last: Pod, now: Date): number {
  const { failures, ignored } = indexFailuresOf(last);
  return remainingMs(failures + ignored + 1, finishedAtMs(last), now);
}

function remainingMs(failures: number, lastMs: number, now: Date): number {
  if (failures === 0) return 0;
  const delay = Math.min(BASE_MS * 2 ** Math.min(failures - 1, 10), MAX_MS);
  return Math.max(0, lastMs + delay - now.getTime());
}

/** What the next pod of the index has behind it. A failure that the policy ignores is counted apart. */
export function nextIndexFailures(job: Job, last: Pod | undefined): IndexFailures {
  if (!last) return { failures: 0, ignored: 0 };
  const { failures, ignored } = indexFailuresOf(last);
  return judgeFailure(job, last).action === 'Ignore'
    ? { failures, ignored: ignored + 1 }
    : { failures: failures + 1, ignored };
}

/** Index → the pod that failed last at it: the one with the most failures behind it. */
export function lastFailedByIndex(job: Job, pods: readonly Pod[]): Map<number, Pod> {
  const last = new Map<number, Pod>();
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index === undefined || !isFailed(job, pod)) continue;
    const known = last.get(index);
    if (!known || attemptsOf(pod) > attemptsOf(known)) last.set(index, pod);
  }
  return last;
}

function attemptsOf(pod: Pod): number {
  const { failures, ignored } = indexFailuresOf(pod);
  return failures + ignored;
}

function finishedAtMs(pod: Pod): number {
  const times = (pod.status?.containerStatuses ?? []).flatMap((each) => each.state?.terminated?.finishedAt ?? []);
  if (times.length > 0) return Math.max(...times.map((time) => Date.parse(time)));
  return Date.parse(pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp ?? '') || 0;
}
