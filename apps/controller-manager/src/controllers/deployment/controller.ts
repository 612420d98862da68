import { controllerRefOf, objectKey, selectorFromLabelSelector } from '@pilothouse/apimachinery';
import { type Deployment, deployments, type Pod, pods, type ReplicaSet, replicasets } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { claimOwned } from '../claim-owned.ts';
import { findCondition, setCondition } from '../conditions.ts';
import { indexByController, ownedBy } from '../pod-index.ts';
import { updateStatus } from '../update-status.ts';
import { desiredReplicasOf } from './annotations.ts';
import { applyScale } from './apply-scale.ts';
import { keepSpec, NewReplicaSet } from './new-replica-set.ts';
import { planScaling } from './proportional-scaling.ts';
import { pruneHistory } from './prune-history.ts';
import { activeReplicaSets, findNewReplicaSet, oldReplicaSets, sizeOf } from './replica-sets.ts';
import { isRollingUpdate, oldPodsRunning, planRollingUpdate, type ScaleStep } from './rolling-update.ts';
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
  private readonly newReplicaSet: NewReplicaSet;

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder(this.name);
    this.newReplicaSet = new NewReplicaSet(context.client, context.clock, this.recorder);
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

  private claim(deployment: Deployment): Promise<ReplicaSet[]> {
    const owner = {
      ref: deployments,
      object: deployment,
      selector: selectorFromLabelSelector(deployment.spec.selector),
    };
    return claimOwned(this.context.client, replicasets, this.replicaSets, owner);
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
    const status = { ...deployment.status, conditions };
    return keepSpec(deployment, await updateStatus(this.context.client, deployments, deployment, status));
  }

  private async rollOut(before: Deployment, all: readonly ReplicaSet[]): Promise<ReconcileResult> {
    const { deployment, newOne, old } = await this.newReplicaSet.ensure(before, all);
    if (!newOne) return;
    const steps = planRollingUpdate(deployment, newOne, old);
    await this.scale(deployment, steps);
    if (steps.length === 0 && isComplete(deployment, deployment.status ?? {}))
      await pruneHistory(this.context.client, deployment, old);
    return this.syncStatus(deployment, [...old, newOne], newOne);
  }

  private async recreate(deployment: Deployment, all: readonly ReplicaSet[]): Promise<ReconcileResult> {
    const existing = findNewReplicaSet(deployment, all);
    const old = oldReplicaSets(existing, all);
    const active = activeReplicaSets(old);
    if (active.length > 0) {
      await this.scale(
        deployment,
        active.map((replicaSet) => ({ replicaSet, replicas: 0 })),
      );
      return this.syncStatus(deployment, all, existing);
    }
    if (oldPodsRunning(existing, old, (replicaSet) => ownedBy(this.pods, replicaSet)))
      return this.syncStatus(deployment, all, existing);
    return this.growNew(await this.newReplicaSet.ensure(deployment, all));
  }

  /** The second half of Recreate. */
  private async growNew({
    deployment,
    newOne,
    old,
  }: Awaited<ReturnType<NewReplicaSet['ensure']>>): Promise<ReconcileResult> {
    if (!newOne) return;
    const desired = deployment.spec.replicas ?? 1;
    if (sizeOf(newOne) !== desired) await this.scale(deployment, [{ replicaSet: newOne, replicas: desired }]);
    if (isComplete(deployment, deployment.status ?? {})) await pruneHistory(this.context.client, deployment, old);
    return this.syncStatus(deployment, [...old, newOne], newOne);
  }

  /** Paused, or scaled in the middle of a rollout: sizes change, revisions do not. */
  private async syncSize(
    before: Deployment,
    all: readonly ReplicaSet[],
    existing: ReplicaSet | undefined,
  ): Promise<ReconcileResult> {
    const old = oldReplicaSets(existing, all);
    const kept = existing && (await this.newReplicaSet.keepRevision(before, existing, old));
    const { deployment, newOne } = kept ?? { deployment: before, newOne: undefined };
    await this.scale(deployment, planScaling(deployment, newOne, old));
    if (deployment.spec.paused) await pruneHistory(this.context.client, deployment, old);
    return this.syncStatus(deployment, newOne ? [...old, newOne] : old, newOne);
  }

  private scale(deployment: Deployment, steps: readonly ScaleStep[]): Promise<void> {
    return applyScale(this.context.client, this.recorder, deployment, steps);
  }

  private async syncStatus(
    deployment: Deployment,
    all: readonly ReplicaSet[],
    newOne: ReplicaSet | undefined,
  ): Promise<ReconcileResult> {
    const now = this.context.clock.now();
    const counts = planStatus(deployment, all, newOne, now);
    const status = deployment.spec.paused ? counts : planProgress(deployment, all, newOne, counts, now);
    await updateStatus(this.context.client, deployments, deployment, status);
    const requeueAfterMs = deployment.spec.paused ? undefined : progressCheckDelayMs(deployment, status, now);
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
