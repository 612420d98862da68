import { deepEqual } from '@pilothouse/apimachinery';
import type { Deployment, PodTemplateSpec, ReplicaSet } from '@pilothouse/api';
import { revisionOf } from './annotations.ts';

export const POD_TEMPLATE_HASH = 'pod-template-hash';

export const sizeOf = (replicaSet: ReplicaSet): number => replicaSet.spec.replicas ?? 1;
export const totalSize = (replicaSets: readonly ReplicaSet[]): number => sum(replicaSets, sizeOf);
export const totalActual = (replicaSets: readonly ReplicaSet[]): number =>
  sum(replicaSets, (each) => each.status?.replicas ?? 0);
export const totalReady = (replicaSets: readonly ReplicaSet[]): number =>
  sum(replicaSets, (each) => each.status?.readyReplicas ?? 0);
export const totalAvailable = (replicaSets: readonly ReplicaSet[]): number =>
  sum(replicaSets, (each) => each.status?.availableReplicas ?? 0);

function sum(replicaSets: readonly ReplicaSet[], of: (each: ReplicaSet) => number): number {
  return replicaSets.reduce((total, each) => total + of(each), 0);
}

/** Oldest first, by name where two are equally old. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return left < right ? -1 : left > right ? 1 : (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** Larger first; of equals the newer, as a scale-up prefers, or the older, as a scale-down does. */
export function bySize(newerFirst: boolean): (a: ReplicaSet, b: ReplicaSet) => number {
  return (a, b) => sizeOf(b) - sizeOf(a) || (newerFirst ? byAge(b, a) : byAge(a, b));
}

export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  return revisionOf(a) - revisionOf(b) || byAge(a, b);
}

/** Whether two templates make the same pods; the hash label that tells ReplicaSets apart does not count. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const labels = template.metadata?.labels;
  if (labels?.[POD_TEMPLATE_HASH] === undefined) return template;
  const { [POD_TEMPLATE_HASH]: _, ...others } = labels;
  const { labels: __, ...metadata } = template.metadata;
  return { ...template, metadata: Object.keys(others).length ? { ...metadata, labels: others } : metadata };
}

/** The ReplicaSet whose template is the Deployment's; the oldest, should there be several. */
export function findNewReplicaSet(deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...replicaSets].sort(byAge).find((each) => sameTemplate(each.spec.template!, deployment.spec.template));
}

export function oldReplicaSets(newOne: ReplicaSet | undefined, replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  return replicaSets.filter((each) => each.metadata.uid !== newOne?.metadata.uid);
}

/** Those that want pods. */
export function activeReplicaSets(replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  return replicaSets.filter((each) => sizeOf(each) > 0);
}
