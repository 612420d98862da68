import {
  controllerRefOf,
  isAlreadyExists,
  isConflict,
  isNotFound,
  objectKey,
  selectorFromLabelSelector,
} from '@pilothouse/apimachinery';
import {
  type ControllerRevision,
  controllerrevisions,
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
import { planTruncation, REVISION_LABEL, templateOf } from '../history/revisions.ts';
import { isNamespaceTerminating, messageOf } from '../pod-control.ts';
import { indexByController, ownedBy } from '../pod-index.ts';
import { rethrowFirst } from '../rethrow-first.ts';
import { updateStatus } from '../update-status.ts';
import { ClaimControl } from './claim-control.ts';
import { planActions, planStatus, type Revisions, type StatefulSetAction } from './plan.ts';
import { newPod, ordinalOf } from './pod.ts';

/** On the set's ControllerRevisions. */
const HASH_LABEL = 'controller.kubernetes.io/hash';

/** Runs pods with lasting names and claims. Mirrors pkg/controller/statefulset; what to do next is in plan.ts. */
export class StatefulSetController implements Controller {
  readonly name = 'statefulset-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly sets: SharedInformer<StatefulSet>;
  private readonly pods: SharedInformer<Pod>;
  private readonly claimControl: ClaimControl;
  private readonly revisions: SharedInformer<ControllerRevision>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder(this.name);
    this.sets = context.informers.for(statefulsets);
    this.pods = context.informers.for(pods);
    const claims = context.informers.for(persistentvolumeclaims);
    this.claimControl = new ClaimControl(context.client, this.recorder, claims);
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
      HASH_LABEL,
      known,
      set.status?.collisionCount ?? 0,
    );
    const current = all.find((each) => each.metadata.name === set.status?.currentRevision) ?? update;
    const revisions = { current: current.metadata.name ?? '', update: update.metadata.name ?? '' };
    const failures: unknown[] = [];
    try {
      if (!set.metadata.deletionTimestamp)
        await Promise.all(owned.map((pod) => this.claimControl.keepOwners(set, pod)));
      for (const action of planActions(set, owned, revisions, this.context.clock.now()))
        await this.act(
          set,
          action,
          action.type === 'create' && action.revision === revisions.update ? update : current,
        );
    } catch (error) {
      failures.push(error);
    }
    const status = planStatus(set, owned, revisions, collisionCount, this.context.clock.now());
    await updateStatus(this.context.client, statefulsets, set, status);
    rethrowFirst(failures);
    await this.truncateHistory(set, all, owned, revisions);
    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    if (minReadySeconds > 0 && status.readyReplicas !== status.availableReplicas)
      return { requeueAfterMs: minReadySeconds * 1000 };
  }

  private claim(set: StatefulSet): Promise<Pod[]> {
    const owner = { ref: statefulsets, object: set, selector: selectorFromLabelSelector(set.spec.selector) };
    // Only pods named after the set can be its members.
    return claimOwned(this.context.client, pods, this.pods, owner, (pod) => ordinalOf(set, pod) !== undefined);
  }

  private async act(set: StatefulSet, action: StatefulSetAction, revision: ControllerRevision): Promise<void> {
    switch (action.type) {
      case 'create':
        return this.createPod(set, action.ordinal, revision);
      case 'create-claims':
        return this.claimControl.createMissing(set, action.ordinal);
      case 'repair':
        return this.repairPod(set, action.pod);
      case 'delete':
        if (action.why === 'failed') this.tellRecreation(set, action.pod);
        return this.deletePod(set, action.pod);
    }
  }

  private async createPod(set: StatefulSet, ordinal: number, revision: ControllerRevision): Promise<void> {
    const namespace = set.metadata.namespace ?? '';
    const pod = newPod(set, templateOf(revision), ordinal, revision.metadata.name ?? '');
    try {
      await this.claimControl.createMissing(set, ordinal);
      await this.context.client.resource(pods).create(pod, { namespace });
      this.tell(set, pod, 'create');
    } catch (error) {
      // The cache has not shown it yet.
      if (isAlreadyExists(error) || isNamespaceTerminating(error)) return;
      this.tell(set, pod, 'create', error);
      throw error;
    }
  }

  private async repairPod(set: StatefulSet, pod: Pod): Promise<void> {
    try {
      await this.claimControl.createMissing(set, ordinalOf(set, pod)!);
      await this.context.client.resource(pods).update(pod, { namespace: set.metadata.namespace ?? '' });
      this.tell(set, pod, 'update');
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) this.tell(set, pod, 'update', error);
      throw error;
    }
  }

  private async deletePod(set: StatefulSet, pod: Pod): Promise<void> {
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    try {
      await this.context.client.resource(pods).delete(name, { namespace, preconditions: { uid } });
      this.tell(set, pod, 'delete');
    } catch (error) {
      // Gone, or another pod has the name by now.
      if (isNotFound(error) || isConflict(error)) return;
      this.tell(set, pod, 'delete', error);
      throw error;
    }
  }

  private tell(set: StatefulSet, pod: Pod, verb: 'create' | 'update' | 'delete', error?: unknown): void {
    const subject = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    const title = `${verb[0]!.toUpperCase()}${verb.slice(1)}`;
    if (error === undefined) this.recorder.event(set, 'Normal', `Successful${title}`, `${subject} successful`);
    else this.recorder.event(set, 'Warning', `Failed${title}`, `${subject} failed error: ${messageOf(error)}`);
  }

  private tellRecreation(set: StatefulSet, pod: Pod): void {
    const about = (what: string) => `StatefulSet ${objectKey(set)} is recreating ${what} Pod ${pod.metadata.name}`;
    // That it has ended well is nothing to worry about.
    if (pod.status?.phase === 'Succeeded')
      this.recorder.event(set, 'Normal', 'RecreatingTerminatedPod', about('terminated'));
    else this.recorder.event(set, 'Warning', 'RecreatingFailedPod', about('failed'));
  }

  private async truncateHistory(
    set: StatefulSet,
    all: readonly ControllerRevision[],
    owned: readonly Pod[],
    { current, update }: Revisions,
  ): Promise<void> {
    const inUse = new Set([current, update, ...owned.map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? '')]);
    await deleteRevisions(this.context.client, planTruncation(all, inUse, set.spec.revisionHistoryLimit ?? 10));
  }
}
