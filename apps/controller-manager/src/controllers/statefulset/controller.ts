import {
  controllerRefOf,
  isAlreadyExists,
  isConflict,
  isNotFound,
  newControllerRef,
  objectKey,
  selectorFromLabelSelector,
} from '@pilothouse/apimachinery';
import {
  type ControllerRevision,
  controllerrevisions,
  type PersistentVolumeClaim,
  persistentvolumeclaims,
  type Pod,
  pods,
  type StatefulSet,
  statefulsets,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { claimOwned } from '../claim-owned.ts';
import { deleteRevisions, ensureRevision } from '../history/revision-control.ts';
import { hashOf, planTruncation, REVISION_LABEL, templateOf } from '../history/revisions.ts';
import { isNamespaceTerminating, messageOf } from '../pod-control.ts';
import { indexByController, ownedBy } from '../pod-index.ts';
import { rethrowFirst } from '../rethrow-first.ts';
import { updateStatus } from '../update-status.ts';
import { planActions, planStatus, type StatefulSetAction } from './plan.ts';
import { claimsOf, newPod, ordinalOf, podNameOf } from './pod.ts';

/** Runs pods with lasting names and claims. Mirrors pkg/controller/statefulset; what to do next is in plan.ts. */
export class StatefulSetController implements Controller {
  readonly name = 'statefulset-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly sets: SharedInformer<StatefulSet>;
  private readonly pods: SharedInformer<Pod>;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;
  private readonly revisions: SharedInformer<ControllerRevision>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder(this.name);
    this.sets = context.informers.for(statefulsets);
    this.pods = context.informers.for(pods);
    this.claims = context.informers.for(persistentvolumeclaims);
    this.revisions = context.informers.for(controllerrevisions);
    indexByController(this.pods);
    indexByController(this.revisions);
    const enqueue = (set: StatefulSet): void => this.queue.add(objectKey(set));
    this.sets.addHandler({ onAdd: enqueue, onUpdate: (_, set) => enqueue(set), onDelete: enqueue });
    const podSeen = (pod: Pod): void => {
      const owner = controllerRefOf(pod);
      if (owner?.kind === 'StatefulSet') return this.queue.add(`${pod.metadata.namespace}/${owner.name}`);
      if (owner) return;
      for (const set of this.sets.lister.list(pod.metadata.namespace)) {
        if (selectorFromLabelSelector(set.spec.selector).matches(pod.metadata.labels ?? {})) enqueue(set);
      }
    };
    this.pods.addHandler({ onAdd: podSeen, onUpdate: (_, pod) => podSeen(pod), onDelete: podSeen });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const set = this.sets.lister.get(key);
    if (!set) return;
    const owned = await this.claim(set);
    const known = ownedBy(this.revisions, set);
    const { update, all, collisionCount } = await ensureRevision(
      this.context.client,
      set,
      set.spec.template,
      set.spec.selector?.matchLabels ?? {},
      known,
      set.status?.collisionCount ?? 0,
    );
    const current = all.find((each) => each.metadata.name === set.status?.currentRevision) ?? update;
    const hashes = { current: hashOf(current), update: hashOf(update) };

    const byHash = new Map([
      [hashes.current, current],
      [hashes.update, update],
    ]);
    const failures: unknown[] = [];
    try {
      for (const action of planActions(set, owned, hashes, this.context.clock.now()))
        await this.act(set, action, byHash);
    } catch (error) {
      failures.push(error);
    }
    const names = { ...hashes, currentName: current.metadata.name ?? '', updateName: update.metadata.name ?? '' };
    const status = planStatus(set, owned, names, collisionCount, this.context.clock.now());
    await updateStatus(this.context.client, statefulsets, set, status);
    rethrowFirst(failures);
    await this.truncateHistory(set, all, owned, [names.currentName, names.updateName]);
    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    if (minReadySeconds > 0 && status.readyReplicas !== status.availableReplicas)
      return { requeueAfterMs: minReadySeconds * 1000 };
  }

  private claim(set: StatefulSet): Promise<Pod[]> {
    const owner = { ref: statefulsets, object: set, selector: selectorFromLabelSelector(set.spec.selector) };
    // Only pods named after the set can be its members.
    return claimOwned(this.context.client, pods, this.pods, owner, (pod) => ordinalOf(set, pod) !== undefined);
  }

  private async act(
    set: StatefulSet,
    action: StatefulSetAction,
    byHash: ReadonlyMap<string, ControllerRevision>,
  ): Promise<void> {
    if (action.type === 'create')
      return this.createPod(set, action.ordinal, action.revision, byHash.get(action.revision)!);
    if (action.why === 'failed') {
      const reason = action.pod.status?.phase === 'Succeeded' ? 'RecreatingTerminatedPod' : 'RecreatingFailedPod';
      this.recorder.event(
        set,
        'Warning',
        reason,
        `StatefulSet ${objectKey(set)} is recreating ${action.pod.status?.phase === 'Succeeded' ? 'terminated' : 'failed'} Pod ${action.pod.metadata.name}`,
      );
    }
    if (action.why === 'scale-down') await this.tieClaims(set, action.pod);
    await this.deletePod(set, action.pod);
  }

  private async createPod(
    set: StatefulSet,
    ordinal: number,
    hash: string,
    revision: ControllerRevision,
  ): Promise<void> {
    const namespace = set.metadata.namespace ?? '';
    await this.createClaims(set, ordinal);
    const pod = newPod(set, templateOf(revision), ordinal, hash);
    try {
      await this.context.client.resource(pods).create(pod, { namespace });
      this.recorder.event(
        set,
        'Normal',
        'SuccessfulCreate',
        `create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`,
      );
    } catch (error) {
      // The cache has not shown it yet.
      if (isAlreadyExists(error) || isNamespaceTerminating(error)) return;
      this.recorder.event(
        set,
        'Warning',
        'FailedCreate',
        `create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`,
      );
      throw error;
    }
  }

  private async createClaims(set: StatefulSet, ordinal: number): Promise<void> {
    for (const claim of claimsOf(set, ordinal)) {
      const existing = this.claims.lister.get(objectKey(claim));
      if (existing) {
        if (existing.metadata.deletionTimestamp) throw new Error(`pvc ${claim.metadata.name} is being deleted`);
        continue;
      }
      const subject = `Claim ${claim.metadata.name} Pod ${podNameOf(set, ordinal)} in StatefulSet ${set.metadata.name}`;
      try {
        await this.context.client
          .resource(persistentvolumeclaims)
          .create(claim, { namespace: set.metadata.namespace ?? '' });
        this.recorder.event(set, 'Normal', 'SuccessfulCreate', `create ${subject} success`);
      } catch (error) {
        if (isAlreadyExists(error)) continue;
        this.recorder.event(set, 'Warning', 'FailedCreate', `create ${subject} failed error: ${messageOf(error)}`);
        throw error;
      }
    }
  }

  /** With `whenScaled: Delete` the claims of a pod that is scaled away go with the pod. */
  private async tieClaims(set: StatefulSet, pod: Pod): Promise<void> {
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return;
    const namespace = set.metadata.namespace ?? '';
    for (const { metadata } of claimsOf(set, ordinalOf(set, pod)!)) {
      const claim = this.claims.lister.get(`${namespace}/${metadata.name}`);
      if (!claim || claim.metadata.ownerReferences?.some((owner) => owner.uid === pod.metadata.uid)) continue;
      const { controller: _, ...owner } = newControllerRef({ ...pod, apiVersion: 'v1', kind: 'Pod' });
      const ownerReferences = [...(claim.metadata.ownerReferences ?? []), owner];
      await this.context.client
        .resource(persistentvolumeclaims)
        .update({ ...claim, metadata: { ...claim.metadata, ownerReferences } }, { namespace });
    }
  }

  private async deletePod(set: StatefulSet, pod: Pod): Promise<void> {
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    try {
      await this.context.client.resource(pods).delete(name, { namespace, preconditions: { uid } });
      this.recorder.event(
        set,
        'Normal',
        'SuccessfulDelete',
        `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`,
      );
    } catch (error) {
      // Gone, or another pod has the name by now.
      if (isNotFound(error) || isConflict(error)) return;
      this.recorder.event(
        set,
        'Warning',
        'FailedDelete',
        `delete Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`,
      );
      throw error;
    }
  }

  private async truncateHistory(
    set: StatefulSet,
    all: readonly ControllerRevision[],
    owned: readonly Pod[],
    names: readonly string[],
  ): Promise<void> {
    const inUse = new Set([...names, ...owned.map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? '')]);
    await deleteRevisions(this.context.client, planTruncation(all, inUse, set.spec.revisionHistoryLimit ?? 10));
  }
}
