import { controllerRefOf, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import { type Pod, pods, type ReplicaSet } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  isPodActive,
  isPodReady,
  type ReconcileResult,
  slowStartBatch,
  UidTrackingExpectations,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { claimOwned } from '../claim-owned.ts';
import { followOwnedPods } from '../follow-owned-pods.ts';
import { isNamespaceTerminating, messageOf, PodControl, podFromTemplate } from '../pod-control.ts';
import { indexByController, ownedBy } from '../pod-index.ts';
import { updateStatus } from '../update-status.ts';
import { planReplicas, planStatus } from './plan.ts';
import { countPods, countUniformPods, indexByReplicaState, type PodCounts } from './pod-counts.ts';
import { REPLICA_SET, type ReplicaKind } from './replica-kind.ts';

/**
 * Keeps as many pods of each ReplicaSet as it asks for. Mirrors pkg/controller/replicaset, which does the same for
 * ReplicationControllers.
 */
export class ReplicaSetController implements Controller {
  readonly name: string;
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly kind: ReplicaKind;
  private readonly replicaSets: SharedInformer<ReplicaSet>;
  private readonly pods: SharedInformer<Pod>;
  private readonly podControl: PodControl;
  /** Creations and deletions under way: until the informer has seen them the pods must not be counted again. */
  private readonly expectations: UidTrackingExpectations;

  constructor(context: ControllerContext, kind: ReplicaKind = REPLICA_SET) {
    this.context = context;
    this.kind = kind;
    this.name = kind.controller;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.expectations = new UidTrackingExpectations(context.clock);
    this.podControl = new PodControl(context.client, context.recorder(kind.eventSource));
    this.replicaSets = context.informers.for(kind.ref);
    this.pods = context.informers.for(pods);
    indexByController(this.pods);
    indexByReplicaState(this.pods);
    indexByController(this.replicaSets);
    this.replicaSets.addHandler({
      onAdd: (replicaSet) => this.queue.add(objectKey(replicaSet)),
      onUpdate: (before, after) => {
        if (before.metadata.uid !== after.metadata.uid) this.expectations.forget(objectKey(before));
        this.queue.add(objectKey(after));
      },
      onDelete: (replicaSet) => {
        this.expectations.forget(objectKey(replicaSet));
        this.queue.add(objectKey(replicaSet));
      },
    });
    followOwnedPods(this.pods, {
      kind: kind.ref.kind,
      owners: this.replicaSets,
      selectorOf: kind.selectorOf,
      expectations: this.expectations,
      queue: this.queue,
      changed: (owner, before, after) => {
        // The pod becomes available later without any further event.
        const minReadySeconds = owner.spec.minReadySeconds ?? 0;
        if (minReadySeconds > 0 && !isPodReady(before) && isPodReady(after))
          this.queue.addAfter(objectKey(owner), minReadySeconds * 1000 + 1000);
      },
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const replicaSet = this.replicaSets.lister.get(key);
    if (!replicaSet) {
      this.expectations.forget(key);
      return;
    }
    const mayAct = this.expectations.satisfied(key);
    const { counts, active } = await this.count(replicaSet);

    const failure =
      mayAct && !replicaSet.metadata.deletionTimestamp
        ? await this.manage(key, replicaSet, counts.active, active)
        : undefined;
    const status = planStatus(
      replicaSet,
      counts,
      failure && { create: failure.create, message: messageOf(failure.error) },
      this.context.clock.now(),
    );
    await updateStatus(this.context.client, this.kind.ref, replicaSet, this.kind.statusFrom(status));
    if (failure) throw failure.error;

    const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
    if (minReadySeconds > 0 && (status.readyReplicas ?? 0) > (status.availableReplicas ?? 0)) {
      return { requeueAfterMs: minReadySeconds * 1000 };
    }
  }

  /** How many pods it has, after adopting and releasing; and the active ones, when somebody asks. */
  private async count(replicaSet: ReplicaSet): Promise<{ counts: PodCounts; active: () => readonly Pod[] }> {
    const owner = { ref: this.kind.ref, object: replicaSet, selector: this.kind.selectorOf(replicaSet) };
    const uniform = countUniformPods(this.pods, owner);
    if (uniform) return { counts: uniform, active: () => ownedBy(this.pods, replicaSet).filter(isPodActive) };
    const owned = await claimOwned(this.context.client, pods, this.pods, owner);
    const counts = countPods(replicaSet, owned, this.context.clock.now());
    return { counts, active: () => owned.filter(isPodActive) };
  }

  private async manage(
    key: string,
    replicaSet: ReplicaSet,
    count: number,
    active: () => readonly Pod[],
  ): Promise<{ create: boolean; error: unknown } | undefined> {
    const choice = { active, related: () => this.relatedPods(replicaSet) };
    const plan = planReplicas(replicaSet, count, choice, this.context.clock.now());
    if (plan.create > 0) {
      const error = await this.createPods(key, replicaSet, plan.create);
      return error === undefined ? undefined : { create: true, error };
    }
    if (plan.delete.length > 0) {
      const error = await this.deletePods(key, replicaSet, plan.delete);
      return error === undefined ? undefined : { create: false, error };
    }
    return undefined;
  }

  private async createPods(key: string, replicaSet: ReplicaSet, count: number): Promise<unknown> {
    this.expectations.expectCreations(key, count);
    const { successes, error } = await slowStartBatch(count, 1, async () => {
      try {
        await this.podControl.create(podFromTemplate(replicaSet.spec.template!, replicaSet), replicaSet);
      } catch (failure) {
        if (!isNamespaceTerminating(failure)) throw failure;
      }
    });
    // Pods that were never tried will not be seen either.
    for (let skipped = successes; skipped < count; skipped++) this.expectations.creationObserved(key);
    return error;
  }

  private async deletePods(key: string, replicaSet: ReplicaSet, victims: readonly Pod[]): Promise<unknown> {
    this.expectations.expectDeletions(key, victims.map(objectKey));
    let firstError: unknown;
    await Promise.all(
      victims.map(async (pod) => {
        try {
          await this.podControl.delete(pod, replicaSet);
        } catch (error) {
          this.expectations.deletionObserved(key, objectKey(pod));
          firstError ??= error;
        }
      }),
    );
    return firstError;
  }

  /** Pods of all ReplicaSets that share this one's owner (a Deployment's revisions), or only its own. */
  private relatedPods(replicaSet: ReplicaSet): Pod[] {
    const owner = controllerRefOf(replicaSet);
    const { namespace } = splitObjectKey(objectKey(replicaSet));
    const siblings = owner
      ? this.replicaSets.lister.byIndex('controller', owner.uid).filter((each) => each.metadata.namespace === namespace)
      : [replicaSet];
    return siblings.flatMap((sibling) => ownedBy(this.pods, sibling).filter(isPodActive));
  }
}
