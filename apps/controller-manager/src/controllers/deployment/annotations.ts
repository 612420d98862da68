import type { Deployment, ReplicaSet } from '@pilothouse/api';

export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** What belongs to the Deployment or to one ReplicaSet alone, and is not copied from the one to the other. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

/** As upstream. */
const MAX_HISTORY_LENGTH = 2000;

type Annotations = Record<string, string>;

export function revisionOf(object: Deployment | ReplicaSet | undefined): number {
  const value = Number(object?.metadata.annotations?.[REVISION] ?? 0);
  return Number.isSafeInteger(value) ? value : 0;
}

/**
 * Annotations of the new ReplicaSet: the Deployment's, the revision (with the earlier ones remembered when a rollback
 * makes an old ReplicaSet new again), and the sizes that proportional scaling reads back.
 */
export function newReplicaSetAnnotations(deployment: Deployment, existing: Annotations, revision: number): Annotations {
  const result: Annotations = { ...existing };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!NOT_COPIED.has(key)) result[key] = value;
  }
  const old = Number(existing[REVISION] ?? 0);
  if (revision > old) {
    result[REVISION] = String(revision);
    if (old > 0) {
      const history = existing[REVISION_HISTORY];
      const known = history ? history.split(',') : [];
      if (!known.includes(String(old))) result[REVISION_HISTORY] = lastRevisions([...known, String(old)]);
    }
  }
  return result;
}

/** An annotation may not grow for ever: of a long history the oldest part is forgotten. */
function lastRevisions(revisions: readonly string[]): string {
  let text = revisions.join(',');
  while (text.length > MAX_HISTORY_LENGTH) text = text.slice(text.indexOf(',') + 1);
  return text;
}

export function replicasAnnotations(desired: number, max: number): Annotations {
  return { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(max) };
}

export function desiredReplicasOf(replicaSet: ReplicaSet): number | undefined {
  const value = replicaSet.metadata.annotations?.[DESIRED_REPLICAS];
  return value === undefined ? undefined : Number(value);
}
