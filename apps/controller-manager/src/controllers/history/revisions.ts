import { deepEqual, type KubeObject, newControllerRef } from '@pilothouse/apimachinery';
import type { ControllerRevision, PodTemplateSpec } from '@pilothouse/api';
import { computeHash } from '@pilothouse/controller';

/** Pod template revisions of StatefulSets and DaemonSets, kept as ControllerRevisions. Mirrors pkg/controller/history. */

/** On pods: a StatefulSet's have the name of their revision here, a DaemonSet's only its hash. */
export const REVISION_LABEL = 'controller-revision-hash';

/** What is left of a name's 253 characters, a dash, and the longest hash. */
const MAX_NAME_PREFIX = 223;

/** What a revision stores: a strategic merge patch that puts the template back, as `kubectl rollout undo` sends it. */
interface RevisionData {
  readonly spec: { readonly template: PodTemplateSpec & { readonly $patch?: string } };
}

/** `hashLabel` is where the revision says its hash. */
export function newRevision(
  owner: KubeObject,
  template: PodTemplateSpec,
  hashLabel: string,
  number: number,
  collisionCount: number,
): ControllerRevision {
  const hash = computeHash(template, collisionCount);
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${owner.metadata?.name?.slice(0, MAX_NAME_PREFIX)}-${hash}`,
      namespace: owner.metadata?.namespace ?? '',
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(owner.metadata?.annotations ? { annotations: owner.metadata.annotations } : {}),
      ownerReferences: [newControllerRef(owner)],
    },
    data: { spec: { template: { ...template, $patch: 'replace' } } } satisfies RevisionData,
    revision: number,
  };
}

export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = (revision.data as RevisionData).spec.template;
  return template;
}

export const sameTemplateAs = (revision: ControllerRevision, template: PodTemplateSpec): boolean =>
  deepEqual(templateOf(revision), template);

export const hashOf = (revision: ControllerRevision): string => revision.metadata.labels?.[REVISION_LABEL] ?? '';

/** Oldest first. */
export function sortRevisions(revisions: readonly ControllerRevision[]): ControllerRevision[] {
  return [...revisions].sort(
    (a, b) => a.revision - b.revision || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1),
  );
}

export function nextNumber(revisions: readonly ControllerRevision[]): number {
  return Math.max(0, ...revisions.map((each) => each.revision)) + 1;
}

/** Revisions beyond the limit that no pod uses, oldest first. */
export function planTruncation(
  revisions: readonly ControllerRevision[],
  inUse: ReadonlySet<string>,
  limit: number,
): ControllerRevision[] {
  const unused = sortRevisions(revisions).filter(
    (each) => !inUse.has(each.metadata.name ?? '') && !(hashOf(each) && inUse.has(hashOf(each))),
  );
  return unused.slice(0, Math.max(0, unused.length - limit));
}
