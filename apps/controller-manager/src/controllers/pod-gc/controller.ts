import { isNotFound } from '@pilothouse/apimachinery';
import { type Node, nodes, type Pod, pods } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  isPodTerminal,
  type ReconcileResult,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { formatTime, setCondition } from '../conditions.ts';
import { type Collection, planCollections, QUARANTINE_MS } from './plan.ts';

const PERIOD_MS = 20_000;
const ROUND = 'round';

/** Removes pods that nobody else will. It has one key: a round over all pods. */
export class PodGarbageCollector implements Controller {
  readonly name = 'pod-garbage-collector-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly pods: SharedInformer<Pod>;
  private readonly nodes: SharedInformer<Node>;
  /** Node name → when it was first missed, in the clock's monotonic milliseconds. */
  private readonly missing = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.pods = context.informers.for(pods);
    this.nodes = context.informers.for(nodes);
    this.queue.add(ROUND);
  }

  async reconcile(): Promise<ReconcileResult> {
    const allPods = this.pods.lister.list();
    const byName = new Map(this.nodes.lister.list().map((node) => [node.metadata.name ?? '', node]));
    const gone = await this.findGoneNodes(allPods, byName);
    const plan = planCollections(allPods, byName, gone, this.context.options.terminatedPodGcThreshold);
    await Promise.all(plan.map((each) => this.collect(each)));
    return { requeueAfterMs: PERIOD_MS };
  }

  private async findGoneNodes(allPods: readonly Pod[], byName: ReadonlyMap<string, Node>): Promise<Set<string>> {
    const now = this.context.clock.monotonicMs();
    const named = new Set(allPods.flatMap((pod) => pod.spec.nodeName || []));
    for (const name of this.missing.keys()) {
      if (byName.has(name) || !named.has(name)) this.missing.delete(name);
    }
    const gone = new Set<string>();
    for (const name of named) {
      if (byName.has(name)) continue;
      const since = this.missing.get(name);
      if (since === undefined) this.missing.set(name, now);
      // The cache may lag: only the apiserver can say that a node does not exist.
      else if (now - since >= QUARANTINE_MS && !(await this.exists(name))) gone.add(name);
    }
    return gone;
  }

  private async exists(nodeName: string): Promise<boolean> {
    try {
      await this.context.client.resource(nodes).get(nodeName);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  private async collect({ pod, why }: Collection): Promise<void> {
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    try {
      if (why !== 'terminated' && !isPodTerminal(pod)) await this.markFailed(pod, why);
      await this.context.client
        .resource(pods)
        .delete(name, { namespace, gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** A pod that is cut off must not look as if it had run to its end. */
  private async markFailed(pod: Pod, why: Collection['why']): Promise<void> {
    const { name = '', namespace = '', uid, generation } = pod.metadata;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    const conditions =
      why === 'orphaned'
        ? setCondition(pod.status?.conditions, {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'DeletionByPodGC',
            message: 'PodGC: node no longer exists',
            lastTransitionTime: formatTime(this.context.clock.now()),
            ...observed,
          })
        : undefined;
    await this.context.client.resource(pods).patch(
      name,
      {
        type: 'strategic',
        body: { metadata: { uid }, status: { phase: 'Failed', ...observed, ...(conditions ? { conditions } : {}) } },
      },
      { namespace, subresource: 'status' },
    );
  }
}
