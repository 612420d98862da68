import { newControllerRef, objectKey, selectorFromLabelSelector } from '@pilothouse/apimachinery';
import {
  type ControllerRevision,
  controllerrevisions,
  type DaemonSet,
  daemonsets,
  type Node,
  nodes,
  type Pod,
  pods,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  type ReconcileResult,
  slowStartBatch,
  UidTrackingExpectations,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { claimOwned } from '../claim-owned.ts';
import { followOwnedPods } from '../follow-owned-pods.ts';
import { deleteRevisions, ensureRevision } from '../history/revision-control.ts';
import { hashOf, planTruncation, REVISION_LABEL } from '../history/revisions.ts';
import { PodControl, podFromTemplate } from '../pod-control.ts';
import { indexByController, ownedBy } from '../pod-index.ts';
import { rethrowFirst } from '../rethrow-first.ts';
import { updateStatus } from '../update-status.ts';
import { FailedPodBackoff } from './failed-pod-backoff.ts';
import { daemonPod, fitNodes } from './node-fit.ts';
import { groupByNode, planPlacement, planRollingUpdate, planStatus } from './plan.ts';

/** At most so many pods are created or deleted in one reconcile. */
const BURST_REPLICAS = 250;

/** Runs one pod of each DaemonSet on every node that fits. Mirrors pkg/controller/daemon. */
export class DaemonSetController implements Controller {
  readonly name = 'daemonset-controller';
  readonly workers = 2;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly podControl: PodControl;
  private readonly sets: SharedInformer<DaemonSet>;
  private readonly nodes: SharedInformer<Node>;
  private readonly pods: SharedInformer<Pod>;
  private readonly revisions: SharedInformer<ControllerRevision>;
  private readonly expectations: UidTrackingExpectations;
  private readonly failedPodBackoff: FailedPodBackoff;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.expectations = new UidTrackingExpectations(context.clock);
    this.failedPodBackoff = new FailedPodBackoff(context.clock);
    this.recorder = context.recorder(this.name);
    this.podControl = new PodControl(context.client, this.recorder);
    this.sets = context.informers.for(daemonsets);
    this.nodes = context.informers.for(nodes);
    this.pods = context.informers.for(pods);
    this.revisions = context.informers.for(controllerrevisions);
    indexByController(this.pods);
    indexByController(this.revisions);
    const enqueue = (set: DaemonSet): void => this.queue.add(objectKey(set));
    this.sets.addHandler({
      onAdd: enqueue,
      onUpdate: (_, set) => enqueue(set),
      onDelete: (set) => {
        this.expectations.forget(objectKey(set));
        enqueue(set);
      },
    });
    this.nodes.addHandler({
      onAdd: () => this.enqueueAll(),
      onUpdate: (before, after) => {
        // Heartbeats change nothing about where daemons belong.
        if (placementOf(before) !== placementOf(after)) this.enqueueAll();
      },
      onDelete: () => this.enqueueAll(),
    });
    followOwnedPods(this.pods, {
      kind: 'DaemonSet',
      owners: this.sets,
      selectorOf: ({ spec }) => selectorFromLabelSelector(spec.selector),
      expectations: this.expectations,
      queue: this.queue,
    });
  }

  private enqueueAll(): void {
    for (const set of this.sets.lister.list()) this.queue.add(objectKey(set));
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const set = this.sets.lister.get(key);
    if (!set) {
      this.expectations.forget(key);
      return;
    }
    if (!Object.keys(set.spec.selector?.matchLabels ?? {}).length && !set.spec.selector?.matchExpressions?.length) {
      this.recorder.event(
        set,
        'Warning',
        'SelectingAll',
        'This daemon set is selecting all pods. A non-empty selector is required.',
      );
      return;
    }
    if (set.metadata.deletionTimestamp) return;
    const { update, all, collisionCount } = await this.revisionOf(set);
    const current =
      collisionCount === (set.status?.collisionCount ?? 0)
        ? set
        : { ...set, status: { ...set.status!, collisionCount } };
    const hash = hashOf(update);
    const fitted = fitNodes(set, this.nodes.lister.list());
    const owned = await this.claim(set);
    const byNode = groupByNode(owned);
    const now = this.context.clock.now();

    let retryMs = Infinity;
    if (this.expectations.satisfied(key)) {
      const placement = planPlacement(set, fitted, byNode, hash, now);
      const { replace, waitMs } = this.planReplacements(set, placement.failed);
      retryMs = waitMs;
      await this.manage(key, set, placement.create, [...placement.delete, ...replace], hash);
    }
    if (this.expectations.satisfied(key) && set.spec.updateStrategy?.type !== 'OnDelete') {
      const step = planRollingUpdate(set, fitted, byNode, hash, now);
      await this.manage(key, set, step.create, step.delete, hash);
    }
    await this.truncateHistory(set, all, owned, hash);
    const status = planStatus(current, fitted, byNode, hash, now);
    await updateStatus(this.context.client, daemonsets, set, status);
    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    const isMaturing = minReadySeconds > 0 && status.numberReady !== (status.numberAvailable ?? 0);
    const requeueAfterMs = Math.min(retryMs, isMaturing ? minReadySeconds * 1000 : Infinity);
    if (requeueAfterMs !== Infinity) return { requeueAfterMs };
  }

  /** Which finished pods may be deleted now, so that they are made anew, and when the next one may. */
  private planReplacements(set: DaemonSet, finished: readonly Pod[]): { replace: Pod[]; waitMs: number } {
    let waitMs = Infinity;
    const replace = finished.filter((pod) => {
      const where = `daemon pod ${objectKey(pod)} on node ${pod.spec.nodeName}`;
      if (pod.status?.phase === 'Succeeded') {
        this.recorder.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${where}, will try to delete it`);
        return true;
      }
      const { uid, generation } = set.metadata;
      const delay = this.failedPodBackoff.next(`${uid}/${generation}/${pod.spec.nodeName}`);
      if (delay > 0) {
        waitMs = Math.min(waitMs, delay);
        return false;
      }
      this.recorder.event(set, 'Warning', 'FailedDaemonPod', `Found failed ${where}, will try to kill it`);
      return true;
    });
    return { replace, waitMs };
  }

  private claim(set: DaemonSet): Promise<Pod[]> {
    const owner = { ref: daemonsets, object: set, selector: selectorFromLabelSelector(set.spec.selector) };
    return claimOwned(this.context.client, pods, this.pods, owner);
  }

  private revisionOf(set: DaemonSet) {
    const known = ownedBy(this.revisions, set);
    return ensureRevision(
      this.context.client,
      set,
      set.spec.template,
      REVISION_LABEL,
      known,
      set.status?.collisionCount ?? 0,
    );
  }

  private async manage(
    key: string,
    set: DaemonSet,
    create: readonly Node[],
    remove: readonly Pod[],
    hash: string,
  ): Promise<void> {
    const targets = create.slice(0, BURST_REPLICAS);
    const victims = remove.slice(0, BURST_REPLICAS);
    this.expectations.expect(key, targets.length, victims.map(objectKey));
    const { successes, error } = await slowStartBatch(targets.length, 1, async (index) => {
      await this.podControl.create(this.newPod(set, targets[index]!, hash), set);
    });
    for (let skipped = successes; skipped < targets.length; skipped++) this.expectations.creationObserved(key);
    const errors: unknown[] = error === undefined ? [] : [error];
    await Promise.all(
      victims.map(async (pod) => {
        try {
          await this.podControl.delete(pod, set);
        } catch (failure) {
          this.expectations.deletionObserved(key, objectKey(pod));
          errors.push(failure);
        }
      }),
    );
    rethrowFirst(errors);
  }

  private newPod(set: DaemonSet, node: Node, hash: string): Pod {
    const pod = podFromTemplate(set.spec.template, set);
    const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation'];
    return {
      ...pod,
      metadata: {
        ...pod.metadata,
        labels: {
          ...pod.metadata.labels,
          [REVISION_LABEL]: hash,
          ...(generation ? { 'pod-template-generation': generation } : {}),
        },
        ownerReferences: [newControllerRef(set)],
      },
      spec: daemonPod(set, node).spec,
    };
  }

  private async truncateHistory(
    set: DaemonSet,
    all: readonly ControllerRevision[],
    owned: readonly Pod[],
    hash: string,
  ): Promise<void> {
    const inUse = new Set([hash, ...owned.map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? '')]);
    await deleteRevisions(this.context.client, planTruncation(all, inUse, set.spec.revisionHistoryLimit ?? 10));
  }
}

/** What of a node decides where daemons run. */
function placementOf(node: Node): string {
  return JSON.stringify([node.metadata.labels, node.spec.taints, node.spec.unschedulable]);
}
