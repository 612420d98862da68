import { isNotFound } from '@pilothouse/apimachinery';
import { type Deployment, type ReplicaSet, replicasets } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import { byRevision, sizeOf } from './replica-sets.ts';

/** As a limit it means: keep all. */
const MAX_INT32 = 2 ** 31 - 1;

/** The oldest ReplicaSets beyond `revisionHistoryLimit`, of which those stay that have pods or are not yet looked at. */
export function planPruning(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined || limit === MAX_INT32) return [];
  const removable = old.filter((each) => !each.metadata.deletionTimestamp).sort(byRevision);
  return removable.slice(0, Math.max(0, removable.length - limit)).filter(isIdle);
}

const isIdle = (replicaSet: ReplicaSet): boolean =>
  (replicaSet.status?.replicas ?? 0) === 0 &&
  sizeOf(replicaSet) === 0 &&
  (replicaSet.metadata.generation ?? 0) <= (replicaSet.status?.observedGeneration ?? 0);

export async function pruneHistory(
  client: KubeClient,
  deployment: Deployment,
  old: readonly ReplicaSet[],
): Promise<void> {
  for (const { metadata } of planPruning(deployment, old)) {
    await client
      .resource(replicasets)
      .delete(metadata.name ?? '', { namespace: metadata.namespace ?? '' })
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
  }
}
