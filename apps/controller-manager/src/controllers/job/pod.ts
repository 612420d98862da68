import type { Job, Pod } from '@pilothouse/api';
import { podFromTemplate } from '../pod-control.ts';

/** Held on a pod until its outcome is counted in the Job's status, so that no outcome is lost. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
const INDEX_KEY = 'batch.kubernetes.io/job-completion-index';
const INDEX_FAILURES_KEY = 'batch.kubernetes.io/job-index-failure-count';
const INDEX_IGNORED_KEY = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** How often the index failed before this pod; failures that the pod failure policy ignores are counted apart. */
export interface IndexFailures {
  readonly failures: number;
  readonly ignored: number;
}

export const isIndexed = (job: Job): boolean => job.spec.completionMode === 'Indexed';

export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_KEY];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export function indexFailuresOf({ metadata: { annotations } }: Pod): IndexFailures {
  return {
    failures: Number(annotations?.[INDEX_FAILURES_KEY] ?? 0),
    ignored: Number(annotations?.[INDEX_IGNORED_KEY] ?? 0),
  };
}

export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(TRACKING_FINALIZER) === true;

/** Counts as failed: phase Failed, or being deleted while that is how the Job replaces pods. */
export function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  const waitsForFailed = job.spec.podReplacementPolicy === 'Failed' || job.spec.podFailurePolicy !== undefined;
  return !waitsForFailed && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

/** The patch that frees the pod: `$deleteFromPrimitiveList` leaves the finalizers of others alone, whatever they are by now. */
export function withoutTracking({ metadata: { uid } }: Pod): { type: 'strategic'; body: object } {
  return {
    type: 'strategic',
    body: { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] } },
  };
}

/** The next pod of the Job. An indexed one knows its index from an annotation, a label, its host name and a variable. */
export function newPod(job: Job, index: number | undefined, { failures, ignored }: IndexFailures): Pod {
  const pod = podFromTemplate(job.spec.template, job);
  const metadata = { ...pod.metadata, finalizers: [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER] };
  if (index === undefined) return { ...pod, metadata };
  const withIndex = {
    ...metadata,
    generateName: `${job.metadata.name}-${index}-`,
    labels: { ...metadata.labels, [INDEX_KEY]: String(index) },
    annotations: {
      ...metadata.annotations,
      [INDEX_KEY]: String(index),
      ...(job.spec.backoffLimitPerIndex === undefined ? {} : { [INDEX_FAILURES_KEY]: String(failures) }),
      ...(ignored > 0 ? { [INDEX_IGNORED_KEY]: String(ignored) } : {}),
    },
  };
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX_KEY}']` } },
  };
  const withVariable = <C extends { env?: { name: string }[] }>(container: C): C =>
    container.env?.some((each) => each.name === variable.name)
      ? container
      : { ...container, env: [...(container.env ?? []), variable] };
  return {
    ...pod,
    metadata: withIndex,
    spec: {
      ...pod.spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: pod.spec.containers.map(withVariable),
      ...(pod.spec.initContainers ? { initContainers: pod.spec.initContainers.map(withVariable) } : {}),
    },
  };
}
