import {
  controllerRefOf,
  deepEqual,
  isAlreadyExists,
  isNotFound,
  newControllerRef,
  objectKey,
  selectorFromLabelSelector,
} from '@pilothouse/apimachinery';
import { type Deployment, deployments, type Pod, pods, type ReplicaSet, replicasets } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import {
  computeHash,
  type Controller,
  ControllerRefManager,
  createWorkQueue,
  type ReconcileResult,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { findCondition, setCondition } from '../conditions.ts';
import { messageOf } from '../pod-control.ts';
import { claimCandidates, indexByController, ownedBy } from '../pod-index.ts';
import { updateStatus } from '../update-status.ts';
import {
  desiredReplicasOf,
  newReplicaSetAnnotations,
  REVISION,
  replicasAnnotations,
  revisionOf,
} from './annotations.ts';
import { planScaling } from './proportional-scaling.ts';
import {
  activeReplicaSets,
  byRevision,
  findNewReplicaSet,
  oldReplicaSets,
  POD_TEMPLATE_HASH,
  sameTemplate,
  sizeOf,
} from './replica-sets.ts';
import {
  fenceposts,
  isRollingUpdate,
  newReplicaSetSize,
  oldPodsRunning,
  planRollingUpdate,
  type ScaleStep,
} from './rolling-update.ts';
import { isComplete, newCondition, planProgress, planStatus, progressCheckDelayMs } from './status.ts';

/**
 * Moves each Deployment's ReplicaSets towards its template: one new ReplicaSet grows while the old ones shrink.
 * Mirrors pkg/controller/deployment.
 */
export class DeploymentController implements Controller {
  readonly name = 'deployment-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly deployments: SharedInformer<Deployment>;
  private readonly replicaSets: SharedInformer<ReplicaSet>;
  private readonly pods: SharedInformer<Pod>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder(this.name);
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.deployments = context.informers.for(deployments);
    this.replicaSets = context.informers.for(replicasets);
    this.pods = context.informers.for(pods);
    indexByController(this.replicaSets);
    indexByController(this.pods);
    this.deployments.addHandler({
      onAdd: (deployment) => this.queue.add(objectKey(deployment)),
      onUpdate: (_, deployment) => this.queue.add(objectKey(deployment)),
      onDelete: (deployment) => this.queue.add(objectKey(deployment)),
    });
    this.replicaSets.addHandler({
      onAdd: (replicaSet) => this.replicaSetSeen(replicaSet),
      onUpdate: (before, after) => {
        this.replicaSetSeen(after);
        if (controllerRefOf(before)?.uid !== controllerRefOf(after)?.uid) this.enqueueOwner(before);
      },
      onDelete: (replicaSet) => this.enqueueOwner(replicaSet),
    });
    // Recreate waits for the last old pod to be gone.
    this.pods.addHandler({
      onDelete: (pod) => {
        const owner = controllerRefOf(pod);
        const replicaSet =
          owner?.kind === 'ReplicaSet'
            ? this.replicaSets.lister.get(`${pod.metadata.namespace}/${owner.name}`)
            : undefined;
        const deployment = replicaSet && this.ownerOf(replicaSet);
        if (deployment && !isRollingUpdate(deployment)) this.queue.add(objectKey(deployment));
      },
    });
  }

  private ownerOf(replicaSet: ReplicaSet): Deployment | undefined {
    const owner = controllerRefOf(replicaSet);
    if (owner?.kind !== 'Deployment') return undefined;
    const deployment = this.deployments.lister.get(`${replicaSet.metadata.namespace}/${owner.name}`);
    return deployment?.metadata.uid === owner.uid ? deployment : undefined;
  }

  private enqueueOwner(replicaSet: ReplicaSet): void {
    const deployment = this.ownerOf(replicaSet);
    if (deployment) this.queue.add(objectKey(deployment));
  }

  private replicaSetSeen(replicaSet: ReplicaSet): void {
    if (controllerRefOf(replicaSet)) return this.enqueueOwner(replicaSet);
    for (const deployment of this.deployments.lister.list(replicaSet.metadata.namespace)) {
      if (selectorFromLabelSelector(deployment.spec.selector).matches(replicaSet.metadata.labels ?? {})) {
        this.queue.add(objectKey(deployment));
      }
    }
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    let deployment = this.deployments.lister.get(key);
    if (!deployment) return;
    if (isSelectEverything(deployment)) {
      this.recorder.event(
        deployment,
        'Warning',
        'SelectingAll',
        'This deployment is selecting all pods. A non-empty selector is required.',
      );
      return;
    }
    const all = await this.claim(deployment);
    const existing = findNewReplicaSet(deployment, all);
    if (deployment.metadata.deletionTimestamp) return this.syncStatus(deployment, all, existing);

    deployment = await this.notePause(deployment);
    if (deployment.spec.paused) return this.syncSize(deployment, all, existing);
    if (isScaled(deployment, all)) return this.syncSize(deployment, all, existing);
    return isRollingUpdate(deployment) ? this.rollOut(deployment, all) : this.recreate(deployment, all);
  }

  private async claim(deployment: Deployment): Promise<ReplicaSet[]> {
    const { name = '', namespace = '' } = deployment.metadata;
    const manager = new ControllerRefManager({
      client: this.context.client,
      resource: replicasets,
      controller: deployment,
      selector: selectorFromLabelSelector(deployment.spec.selector),
      fetchController: () => this.context.client.resource(deployments).get(name, { namespace }),
    });
    return manager.claim(claimCandidates(this.replicaSets, deployment));
  }

  /** A pause stops the progress deadline, which the Progressing condition shows. */
  private async notePause(deployment: Deployment): Promise<Deployment> {
    if (deployment.spec.progressDeadlineSeconds === undefined) return deployment;
    const current = findCondition(deployment.status?.conditions, 'Progressing');
    if (current?.reason === 'ProgressDeadlineExceeded') return deployment;
    const now = this.context.clock.now();
    const isPausedNoted = current?.reason === 'DeploymentPaused';
    if (Boolean(deployment.spec.paused) === isPausedNoted) return deployment;
    const condition = deployment.spec.paused
      ? newCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', now)
      : newCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', now);
    const conditions = setCondition(deployment.status?.conditions, condition);
    return updateStatus(this.context.client, deployments, deployment, { ...deployment.status, conditions });
  }

  private async rollOut(deployment: Deployment, all: readonly ReplicaSet[]): Promise<ReconcileResult> {
    const { newOne, old } = await this.ensureNewReplicaSet(deployment, all);
    if (!newOne) return;
    const steps = planRollingUpdate(deployment, newOne, old);
    await this.scaleAll(deployment, steps);
    if (steps.length === 0 && isComplete(deployment, deployment.status ?? {}))
      await this.dropOldRevisions(deployment, old);
    return this.syncStatus(deployment, [...old, newOne], newOne);
  }

  private async recreate(deployment: Deployment, all: readonly ReplicaSet[]): Promise<ReconcileResult> {
    const existing = findNewReplicaSet(deployment, all);
    const old = oldReplicaSets(existing, all);
    const active = activeReplicaSets(old);
    if (active.length > 0) {
      await this.scaleAll(
        deployment,
        active.map((replicaSet) => ({ replicaSet, replicas: 0 })),
      );
      return this.syncStatus(deployment, all, existing);
    }
    if (oldPodsRunning(existing, old, (replicaSet) => ownedBy(this.pods, replicaSet)))
      return this.syncStatus(deployment, all, existing);
    const { newOne, old: others } = await this.ensureNewReplicaSet(deployment, all);
    if (!newOne) return;
    const desired = deployment.spec.replicas ?? 1;
    if (sizeOf(newOne) !== desired) await this.scaleAll(deployment, [{ replicaSet: newOne, replicas: desired }]);
    if (isComplete(deployment, deployment.status ?? {})) await this.dropOldRevisions(deployment, others);
    return this.syncStatus(deployment, [...others, newOne], newOne);
  }

  /** Paused, or scaled in the middle of a rollout: sizes change, revisions do not. */
  private async syncSize(
    deployment: Deployment,
    all: readonly ReplicaSet[],
    existing: ReplicaSet | undefined,
  ): Promise<ReconcileResult> {
    const old = oldReplicaSets(existing, all);
    const newOne = existing && (await this.keepRevision(deployment, existing, old)).newOne;
    await this.scaleAll(deployment, planScaling(deployment, newOne, old));
    if (deployment.spec.paused) await this.dropOldRevisions(deployment, old);
    return this.syncStatus(deployment, newOne ? [...old, newOne] : old, newOne);
  }

  private async ensureNewReplicaSet(
    deployment: Deployment,
    all: readonly ReplicaSet[],
  ): Promise<{ newOne: ReplicaSet | undefined; old: ReplicaSet[] }> {
    const existing = findNewReplicaSet(deployment, all);
    const old = oldReplicaSets(existing, all);
    if (existing) return { newOne: (await this.keepRevision(deployment, existing, old)).newOne, old };
    return { newOne: await this.createReplicaSet(deployment, old), old };
  }

  /** The new ReplicaSet has the highest revision, and the Deployment says which. */
  private async keepRevision(
    deployment: Deployment,
    existing: ReplicaSet,
    old: readonly ReplicaSet[],
  ): Promise<{ newOne: ReplicaSet }> {
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    const current = existing.metadata.annotations ?? {};
    const annotations = newReplicaSetAnnotations(deployment, current, revision);
    const minReadySeconds = deployment.spec.minReadySeconds;
    let newOne = existing;
    if (!deepEqual(annotations, current) || (existing.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      newOne = await this.context.client.resource(replicasets).update(
        {
          ...existing,
          metadata: { ...existing.metadata, annotations },
          spec: { ...existing.spec, ...(minReadySeconds ? { minReadySeconds } : { minReadySeconds: 0 }) },
        },
        { namespace: existing.metadata.namespace ?? '' },
      );
    }
    await this.noteRevision(deployment, newOne.metadata.annotations?.[REVISION] ?? '');
    if (
      deployment.spec.progressDeadlineSeconds !== undefined &&
      !findCondition(deployment.status?.conditions, 'Progressing')
    ) {
      await this.noteProgress(deployment, 'FoundNewReplicaSet', `Found new replica set "${newOne.metadata.name}"`);
    }
    return { newOne };
  }

  private async noteRevision(deployment: Deployment, revision: string): Promise<void> {
    if (deployment.metadata.annotations?.[REVISION] === revision) return;
    const { name = '', namespace = '' } = deployment.metadata;
    await this.context.client
      .resource(deployments)
      .patch(name, { type: 'merge', body: { metadata: { annotations: { [REVISION]: revision } } } }, { namespace });
  }

  private async noteProgress(deployment: Deployment, reason: string, message: string, status = 'True'): Promise<void> {
    const condition = newCondition('Progressing', status, reason, message, this.context.clock.now());
    const conditions = setCondition(deployment.status?.conditions, condition);
    await updateStatus(this.context.client, deployments, deployment, { ...deployment.status, conditions });
  }

  private async createReplicaSet(deployment: Deployment, old: readonly ReplicaSet[]): Promise<ReplicaSet | undefined> {
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
      const created = await this.context.client.resource(replicasets).create(replicaSet, { namespace });
      if (replicas > 0) {
        this.recorder.event(
          deployment,
          'Normal',
          'ScalingReplicaSet',
          `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`,
        );
      }
      await this.noteRevision(deployment, String(revision));
      if (deployment.spec.progressDeadlineSeconds !== undefined) {
        await this.noteProgress(
          deployment,
          'NewReplicaSetCreated',
          `Created new replica set "${created.metadata.name}"`,
        );
      }
      return created;
    } catch (error) {
      return this.createFailed(deployment, replicaSet, error);
    }
  }

  /** The name was taken: by an earlier try of ours that the informer has not shown yet, or by a hash collision. */
  private async createFailed(
    deployment: Deployment,
    wanted: ReplicaSet,
    error: unknown,
  ): Promise<ReplicaSet | undefined> {
    if (isAlreadyExists(error)) {
      const { name = '', namespace = '' } = wanted.metadata;
      const existing = await this.context.client.resource(replicasets).get(name, { namespace });
      const isOurs = controllerRefOf(existing)?.uid === deployment.metadata.uid;
      if (isOurs && sameTemplate(existing.spec.template!, deployment.spec.template)) return existing;
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      await updateStatus(this.context.client, deployments, deployment, { ...deployment.status, collisionCount });
      throw error;
    }
    if (!isNotFound(error)) {
      const message = `Failed to create new replica set "${wanted.metadata.name}": ${messageOf(error)}`;
      if (deployment.spec.progressDeadlineSeconds !== undefined)
        await this.noteProgress(deployment, 'ReplicaSetCreateError', message, 'False');
      this.recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
    }
    throw error;
  }

  private async scaleAll(deployment: Deployment, steps: readonly ScaleStep[]): Promise<void> {
    const desired = deployment.spec.replicas ?? 1;
    const annotations = replicasAnnotations(desired, desired + fenceposts(deployment).maxSurge);
    for (const { replicaSet, replicas } of steps) {
      const before = sizeOf(replicaSet);
      const current = replicaSet.metadata.annotations ?? {};
      const annotated = Object.entries(annotations).every(([key, value]) => current[key] === value);
      if (before === replicas && annotated) continue;
      await this.context.client
        .resource(replicasets)
        .update(
          {
            ...replicaSet,
            metadata: { ...replicaSet.metadata, annotations: { ...current, ...annotations } },
            spec: { ...replicaSet.spec, replicas },
          },
          { namespace: replicaSet.metadata.namespace ?? '' },
        );
      if (before === replicas) continue;
      const direction = before < replicas ? 'up' : 'down';
      this.recorder.event(
        deployment,
        'Normal',
        'ScalingReplicaSet',
        `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`,
      );
    }
  }

  /** Deletes the oldest ReplicaSets beyond `revisionHistoryLimit`. */
  private async dropOldRevisions(deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> {
    const limit = deployment.spec.revisionHistoryLimit;
    if (limit === undefined || limit === 2 ** 31 - 1) return;
    const removable = old.filter((each) => !each.metadata.deletionTimestamp).sort(byRevision);
    for (const each of removable.slice(0, Math.max(0, removable.length - limit))) {
      const idle =
        (each.status?.replicas ?? 0) === 0 &&
        sizeOf(each) === 0 &&
        (each.metadata.generation ?? 0) <= (each.status?.observedGeneration ?? 0);
      if (!idle) continue;
      await this.context.client
        .resource(replicasets)
        .delete(each.metadata.name ?? '', { namespace: each.metadata.namespace ?? '' })
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
    }
  }

  private async syncStatus(
    deployment: Deployment,
    all: readonly ReplicaSet[],
    newOne: ReplicaSet | undefined,
  ): Promise<ReconcileResult> {
    const now = this.context.clock.now();
    // What was just written (revision, conditions) may be newer than what this reconcile started from.
    const current = this.deployments.lister.get(objectKey(deployment)) ?? deployment;
    const isStale = current.metadata.resourceVersion !== deployment.metadata.resourceVersion;
    const base =
      isStale && current.metadata.uid === deployment.metadata.uid
        ? { ...deployment, status: current.status ?? {} }
        : deployment;
    const counts = planStatus(base, all, newOne, now);
    const status = base.spec.paused ? counts : planProgress(base, all, newOne, counts, now);
    await updateStatus(this.context.client, deployments, base, status);
    const requeueAfterMs = base.spec.paused ? undefined : progressCheckDelayMs(base, status, now);
    if (requeueAfterMs !== undefined) return { requeueAfterMs };
  }
}

const isSelectEverything = ({ spec: { selector } }: Deployment): boolean =>
  !Object.keys(selector?.matchLabels ?? {}).length && !selector?.matchExpressions?.length;

/** The Deployment was scaled since its ReplicaSets were last written. */
function isScaled(deployment: Deployment, all: readonly ReplicaSet[]): boolean {
  const desired = deployment.spec.replicas ?? 1;
  return activeReplicaSets(all).some((each) => {
    const annotated = desiredReplicasOf(each);
    return annotated !== undefined && annotated !== desired;
  });
}
