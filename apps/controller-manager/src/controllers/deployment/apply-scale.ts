import { type Deployment, replicasets } from '@pilothouse/api';
import type { EventRecorder, KubeClient } from '@pilothouse/client';
import { replicasAnnotations } from './annotations.ts';
import { sizeOf } from './replica-sets.ts';
import { fenceposts, type ScaleStep } from './rolling-update.ts';

/** Gives ReplicaSets their sizes, and says so in events. What they have already is not written again. */
export async function applyScale(
  client: KubeClient,
  recorder: EventRecorder,
  deployment: Deployment,
  steps: readonly ScaleStep[],
): Promise<void> {
  const desired = deployment.spec.replicas ?? 1;
  const annotations = replicasAnnotations(desired, desired + fenceposts(deployment).maxSurge);
  for (const { replicaSet, replicas } of steps) {
    const before = sizeOf(replicaSet);
    const current = replicaSet.metadata.annotations ?? {};
    const annotated = Object.entries(annotations).every(([key, value]) => current[key] === value);
    if (before === replicas && annotated) continue;
    await client.resource(replicasets).update(
      {
        ...replicaSet,
        metadata: { ...replicaSet.metadata, annotations: { ...current, ...annotations } },
        spec: { ...replicaSet.spec, replicas },
      },
      { namespace: replicaSet.metadata.namespace ?? '' },
    );
    if (before === replicas) continue;
    const direction = before < replicas ? 'up' : 'down';
    recorder.event(
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`,
    );
  }
}
