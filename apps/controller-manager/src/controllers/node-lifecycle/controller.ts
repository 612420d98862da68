import { isConflict, isNotFound } from '@pilothouse/apimachinery';
import { type Lease, leases, type Node, nodes, type Pod, pods } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { findCondition, formatTime } from '../conditions.ts';
import {
  isExcludedFromEviction,
  NODE_LEASE_NAMESPACE,
  type NodeHealth,
  observe,
  planLabels,
  planSilence,
  planTaints,
  planTaintsInDisruption,
  readyStatusOf,
} from './plan.ts';
import { Zones } from './zones.ts';

const BY_NODE = 'node';
/** How often a node that waits for its turn asks. */
const TURN_MS = 1_000;

/**
 * Watches over nodes: a silent one becomes Unknown, conditions become taints, and pods of a node that is not ready are
 * shown as not ready. Mirrors pkg/controller/nodelifecycle; evicting pods is the taint eviction controller's work.
 */
export class NodeLifecycleController implements Controller {
  readonly name = 'node-lifecycle-controller';
  readonly workers = 8;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly nodes: SharedInformer<Node>;
  private readonly leases: SharedInformer<Lease>;
  private readonly pods: SharedInformer<Pod>;
  private readonly health = new Map<string, NodeHealth>();
  private readonly zones: Zones;
  private wasAllDisrupted = false;

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder('node-controller');
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.zones = new Zones(context.options, context.clock);
    this.nodes = context.informers.for(nodes);
    this.leases = context.informers.for(leases, { namespace: NODE_LEASE_NAMESPACE });
    this.pods = context.informers.for(pods);
    this.pods.addIndex(BY_NODE, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
    this.nodes.addHandler({
      onAdd: (node) => {
        const name = node.metadata.name ?? '';
        this.zones.observe(node);
        this.recorder.event(
          node,
          'Normal',
          'RegisteredNode',
          `Node ${name} event: Registered Node ${name} in Controller`,
        );
        this.queue.add(name);
      },
      onUpdate: (_, node) => {
        this.zones.observe(node);
        this.queue.add(node.metadata.name ?? '');
      },
      onDelete: (node) => {
        const name = node.metadata.name ?? '';
        this.health.delete(name);
        this.zones.forget(name);
        this.recorder.event(
          node,
          'Normal',
          'RemovingNode',
          `Node ${name} event: Removing Node ${name} from Controller`,
        );
      },
    });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    let node = this.nodes.lister.get(name);
    if (!node) return;
    const { clock, options } = this.context;
    const lease = this.leases.lister.get(`${NODE_LEASE_NAMESPACE}/${name}`);
    const health = observe(node, lease?.spec?.renewTime ?? '', this.health.get(name), clock.monotonicMs());
    this.health.set(name, health);

    const timing = {
      gracePeriodMs: options.nodeMonitorGracePeriodMs,
      startupGracePeriodMs: options.nodeStartupGracePeriodMs,
    };
    const conditions = planSilence(node, health, timing, clock.monotonicMs(), clock.now());
    let isWaiting = false;
    try {
      if (conditions) {
        const wasReady = readyStatusOf(node) === 'True';
        node = await this.context.client
          .resource(nodes)
          .update({ ...node, status: { ...node.status, conditions } }, { subresource: 'status' });
        if (wasReady) this.recorder.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      }
      this.zones.observe(node);
      this.noteDisruption();
      ({ node, isWaiting } = await this.taint(node));
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      return { requeueAfterMs: 100 };
    }
    if (readyStatusOf(node) !== 'True') await this.markPodsNotReady(node);
    return { requeueAfterMs: isWaiting ? Math.min(TURN_MS, options.nodeMonitorPeriodMs) : options.nodeMonitorPeriodMs };
  }

  /** Puts taints and labels right. `isWaiting`: it is not yet the node's turn to lose its pods. */
  private async taint(node: Node): Promise<{ node: Node; isWaiting: boolean }> {
    const now = this.context.clock.now();
    const isAllDisrupted = this.zones.isAllDisrupted;
    const needsTurn = !isAllDisrupted && !isExcludedFromEviction(node);
    const mayEvict = needsTurn && this.zones.tryTake(node);
    const taints = isAllDisrupted ? planTaintsInDisruption(node, now) : planTaints(node, mayEvict, now);
    const labels = planLabels(node);
    const isWaiting = needsTurn && !mayEvict;
    if (!taints && !labels) return { node, isWaiting };
    const changed = {
      ...node,
      metadata: labels ? { ...node.metadata, labels } : node.metadata,
      spec: taints ? { ...node.spec, taints } : node.spec,
    };
    return { node: await this.context.client.resource(nodes).update(changed), isWaiting };
  }

  /** When nodes are heard of again after none was, none of them has been silent by its own fault. */
  private noteDisruption(): void {
    const isAllDisrupted = this.zones.isAllDisrupted;
    if (isAllDisrupted === this.wasAllDisrupted) return;
    this.wasAllDisrupted = isAllDisrupted;
    const { logger, clock } = this.context;
    if (isAllDisrupted) {
      logger.info('Controller detected that all Nodes are not-Ready. Entering master disruption mode');
      return;
    }
    logger.info('Controller detected that some Nodes are Ready. Exiting master disruption mode');
    for (const [name, health] of this.health) this.health.set(name, { ...health, probedAtMs: clock.monotonicMs() });
  }

  /** So that services stop sending to them; the kubelet says Ready again when it is back. */
  private async markPodsNotReady(node: Node): Promise<void> {
    const affected = this.pods.lister
      .byIndex(BY_NODE, node.metadata.name ?? '')
      .filter((pod) => findCondition(pod.status?.conditions, 'Ready')?.status === 'True');
    await Promise.all(affected.map((pod) => this.markPodNotReady(pod)));
  }

  private async markPodNotReady(pod: Pod): Promise<void> {
    const { name = '', namespace = '' } = pod.metadata;
    const condition = { type: 'Ready', status: 'False', lastTransitionTime: formatTime(this.context.clock.now()) };
    try {
      await this.context.client
        .resource(pods)
        .patch(
          name,
          { type: 'strategic', body: { status: { conditions: [condition] } } },
          { namespace, subresource: 'status' },
        );
      this.recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
