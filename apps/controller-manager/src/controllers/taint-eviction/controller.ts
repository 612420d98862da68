import { isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import { type Node, nodes, type Pod, pods } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { formatTime, setCondition } from '../conditions.ts';
import { planEviction } from './plan.ts';

const BY_NODE = 'node';

/** Deletes pods from nodes whose NoExecute taints they do not tolerate. Mirrors pkg/controller/tainteviction. */
export class TaintEvictionController implements Controller {
  readonly name = 'taint-eviction-controller';
  readonly workers = 8;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly pods: SharedInformer<Pod>;
  private readonly nodes: SharedInformer<Node>;
  /** Pods that will have to go: key → since when, in milliseconds since the epoch. */
  private readonly scheduled = new Map<string, { readonly uid: string; readonly sinceMs: number }>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder(this.name);
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.pods = context.informers.for(pods);
    this.nodes = context.informers.for(nodes);
    this.pods.addIndex(BY_NODE, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
    const enqueue = (pod: Pod): void => {
      if (pod.spec.nodeName && hasNoExecute(this.nodes.lister.get(pod.spec.nodeName))) this.queue.add(objectKey(pod));
    };
    this.pods.addHandler({
      onAdd: enqueue,
      onUpdate: (_, pod) => enqueue(pod),
      onDelete: (pod) => this.scheduled.delete(objectKey(pod)),
    });
    const enqueuePods = (node: Node): void => {
      for (const pod of this.pods.lister.byIndex(BY_NODE, node.metadata.name ?? '')) this.queue.add(objectKey(pod));
    };
    this.nodes.addHandler({
      onAdd: (node) => hasNoExecute(node) && enqueuePods(node),
      onUpdate: (before, after) => (hasNoExecute(before) || hasNoExecute(after)) && enqueuePods(after),
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.pods.lister.get(key);
    const node = pod?.spec.nodeName ? this.nodes.lister.get(pod.spec.nodeName) : undefined;
    if (!pod || !node || pod.metadata.deletionTimestamp) {
      this.scheduled.delete(key);
      return;
    }
    const now = this.context.clock.now();
    const known = this.scheduled.get(key);
    const sinceMs = known?.uid === pod.metadata.uid ? known!.sinceMs : now.getTime();
    const due = planEviction(pod, node, sinceMs, now);
    if (due === 'never') {
      if (this.scheduled.delete(key))
        this.recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
      return;
    }
    this.scheduled.set(key, { uid: pod.metadata.uid ?? '', sinceMs });
    if (due > now.getTime()) return { requeueAfterMs: due - now.getTime() };
    await this.evict(key, pod);
  }

  private async evict(key: string, pod: Pod): Promise<void> {
    const { namespace, name } = splitObjectKey(key);
    const client = this.context.client.resource(pods);
    this.recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
    const conditions = setCondition(pod.status?.conditions, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: formatTime(this.context.clock.now()),
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    });
    try {
      await client.patch(
        name,
        { type: 'strategic', body: { metadata: { uid: pod.metadata.uid }, status: { conditions } } },
        { namespace, subresource: 'status' },
      );
      await client.delete(name, { namespace, preconditions: { uid: pod.metadata.uid ?? '' } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

const hasNoExecute = (node: Node | undefined): boolean =>
  node?.spec.taints?.some((taint) => taint.effect === 'NoExecute') === true;
