import { controllerRefOf, deepEqual, isAlreadyExists, isNotFound, newControllerRef } from '@pilothouse/apimachinery';
import { type Deployment, deployments, type ReplicaSet, replicasets } from '@pilothouse/api';
import type { EventRecorder, KubeClient } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import { computeHash } from '@pilothouse/controller';
import { findCondition, setCondition } from '../conditions.ts';
import { isNamespaceTerminating, messageOf } from '../pod-control.ts';
import { updateStatus } from '../update-status.ts';
import { newReplicaSetAnnotations, REVISION, replicasAnnotations, revisionOf } from './annotations.ts';
import { findNewReplicaSet, oldReplicaSets, POD_TEMPLATE_HASH, sameTemplate } from './replica-sets.ts';
import { fenceposts, newReplicaSetSize } from './rolling-update.ts';
import { newCondition } from './status.ts';

/** What was found or made, and the Deployment as it is after what was written on the way. */
interface Kept {
  readonly deployment: Deployment;
  readonly newOne: ReplicaSet | undefined;
}

/** Keeps the ReplicaSet of a Deployment's present template. Mirrors getNewReplicaSet of pkg/controller/deployment/sync.go. */
export class NewReplicaSet {
  private readonly client: KubeClient;
  private readonly clock: Clock;
  private readonly recorder: EventRecorder;

  constructor(client: KubeClient, clock: Clock, recorder: EventRecorder) {
    this.client = client;
    this.clock = clock;
    this.recorder = recorder;
  }

  /** Finds or creates it, and sets its revision and annotations right. Undefined when it could not be made now. */
  async ensure(deployment: Deployment, all: readonly ReplicaSet[]): Promise<Kept & { old: ReplicaSet[] }> {
    const existing = findNewReplicaSet(deployment, all);
    const old = oldReplicaSets(existing, all);
    const kept = existing ? await this.keepRevision(deployment, existing, old) : await this.create(deployment, old);
    return { ...kept, old };
  }

  /** The new ReplicaSet has the highest revision, and the Deployment says which. */
  async keepRevision(deployment: Deployment, existing: ReplicaSet, old: readonly ReplicaSet[]): Promise<Kept> {
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    const current = existing.metadata.annotations ?? {};
    const annotations = newReplicaSetAnnotations(deployment, current, revision);
    const minReadySeconds = deployment.spec.minReadySeconds;
    let newOne = existing;
    if (!deepEqual(annotations, current) || (existing.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      newOne = await this.client.resource(replicasets).update(
        {
          ...existing,
          metadata: { ...existing.metadata, annotations },
          spec: { ...existing.spec, ...(minReadySeconds ? { minReadySeconds } : { minReadySeconds: 0 }) },
        },
        { namespace: existing.metadata.namespace ?? '' },
      );
    }
    const noted = await this.noteRevision(deployment, newOne.metadata.annotations?.[REVISION] ?? '');
    if (hasProgress(noted)) return { deployment: noted, newOne };
    const message = `Found new replica set "${newOne.metadata.name}"`;
    return { deployment: await this.noteProgress(noted, 'FoundNewReplicaSet', message), newOne };
  }

  /** Through the status, as upstream: that changes no generation, and needs no right to change deployments. */
  private async noteRevision(deployment: Deployment, revision: string): Promise<Deployment> {
    if (deployment.metadata.annotations?.[REVISION] === revision) return deployment;
    const annotations = { ...deployment.metadata.annotations, [REVISION]: revision };
    const noted = await this.client
      .resource(deployments)
      .update(
        { ...deployment, metadata: { ...deployment.metadata, annotations } },
        { namespace: deployment.metadata.namespace ?? '', subresource: 'status' },
      );
    return keepSpec(deployment, noted);
  }

  private async noteProgress(
    deployment: Deployment,
    reason: string,
    message: string,
    value = 'True',
  ): Promise<Deployment> {
    if (deployment.spec.progressDeadlineSeconds === undefined) return deployment;
    const condition = newCondition('Progressing', value, reason, message, this.clock.now());
    const conditions = setCondition(deployment.status?.conditions, condition);
    const status = { ...deployment.status, conditions };
    return keepSpec(deployment, await updateStatus(this.client, deployments, deployment, status));
  }

  private async create(deployment: Deployment, old: readonly ReplicaSet[]): Promise<Kept> {
    const { name = '', namespace = '' } = deployment.metadata;
    const hash = computeHash(deployment.spec.template, deployment.status?.collisionCount ?? 0);
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    const replicas = newReplicaSetSize(deployment, old, undefined);
    const desired = deployment.spec.replicas ?? 1;
    const labels = { ...deployment.spec.template.metadata?.labels, [POD_TEMPLATE_HASH]: hash };
    const replicaSet: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations: {
          ...newReplicaSetAnnotations(deployment, {}, revision),
          ...replicasAnnotations(desired, desired + fenceposts(deployment).maxSurge),
        },
        ownerReferences: [newControllerRef(deployment)],
      },
      spec: {
        replicas,
        ...(deployment.spec.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}),
        selector: {
          ...deployment.spec.selector,
          matchLabels: { ...deployment.spec.selector?.matchLabels, [POD_TEMPLATE_HASH]: hash },
        },
        template: { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, labels } },
      },
    };
    try {
      const created = await this.client.resource(replicasets).create(replicaSet, { namespace });
      if (replicas > 0) {
        this.recorder.event(
          deployment,
          'Normal',
          'ScalingReplicaSet',
          `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`,
        );
      }
      const current = await this.noteRevision(deployment, String(revision));
      const message = `Created new replica set "${created.metadata.name}"`;
      return { deployment: await this.noteProgress(current, 'NewReplicaSetCreated', message), newOne: created };
    } catch (error) {
      return this.createFailed(deployment, replicaSet, error);
    }
  }

  /** The name was taken: by an earlier try of ours that the informer has not shown yet, or by a hash collision. */
  private async createFailed(deployment: Deployment, wanted: ReplicaSet, error: unknown): Promise<Kept> {
    if (isAlreadyExists(error)) {
      const { name = '', namespace = '' } = wanted.metadata;
      const existing = await this.client.resource(replicasets).get(name, { namespace });
      const isOurs = controllerRefOf(existing)?.uid === deployment.metadata.uid;
      if (isOurs && sameTemplate(existing.spec.template!, deployment.spec.template))
        return { deployment, newOne: existing };
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      await updateStatus(this.client, deployments, deployment, { ...deployment.status, collisionCount });
      throw error;
    }
    // Nothing can be created there any more, and nobody reads what is said about it.
    if (isNamespaceTerminating(error)) return { deployment, newOne: undefined };
    if (!isNotFound(error)) {
      const message = `Failed to create new replica set "${wanted.metadata.name}": ${messageOf(error)}`;
      await this.noteProgress(deployment, 'ReplicaSetCreateError', message, 'False');
      this.recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
    }
    throw error;
  }
}

/** Progress is noted, or nobody waits for it. */
function hasProgress({ spec, status }: Deployment): boolean {
  return spec.progressDeadlineSeconds === undefined || findCondition(status?.conditions, 'Progressing') !== undefined;
}

/**
 * The Deployment as it was just written, with the spec that is being carried out: should there be a newer one by now, it
 * is for the next reconcile, and must not be shown as observed by this one.
 */
export function keepSpec({ spec, metadata: { generation } }: Deployment, written: Deployment): Deployment {
  return { ...written, metadata: { ...written.metadata, ...(generation === undefined ? {} : { generation }) }, spec };
}
