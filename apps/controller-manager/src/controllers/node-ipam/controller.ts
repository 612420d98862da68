import { isNotFound } from '@pilothouse/apimachinery';
import { type Node, nodes } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { CidrPool } from './plan.ts';

/**
 * Gives each node a range of pod addresses, when `--allocate-node-cidrs` asks for it. One worker, which remembers what
 * it gave until the informer shows it, so that no range is given twice. Mirrors pkg/controller/nodeipam.
 */
export class NodeIpamController implements Controller {
  readonly name = 'node-ipam-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly nodes: SharedInformer<Node>;
  private readonly pool: CidrPool;
  private readonly given = new Map<string, string>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.pool = new CidrPool(context.options.clusterCidr, context.options.nodeCidrMaskSize);
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('cidrAllocator');
    this.nodes = context.informers.for(nodes);
    const enqueue = (node: Node): void => {
      if (!node.spec.podCIDR) this.queue.add(node.metadata.name ?? '');
    };
    this.nodes.addHandler({
      onAdd: enqueue,
      onUpdate: (_, node) => enqueue(node),
      onDelete: (node) => this.given.delete(node.metadata.name ?? ''),
    });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const node = this.nodes.lister.get(name);
    if (!node || node.spec.podCIDR) return;
    const used = new Set([
      ...this.nodes.lister.list().flatMap((each) => each.spec.podCIDR || []),
      ...this.given.values(),
    ]);
    const cidr = this.given.get(name) ?? this.pool.next(used);
    if (cidr === undefined) {
      this.recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
      throw new Error(`no range of pod addresses is left for node ${name}`);
    }
    this.given.set(name, cidr);
    try {
      const body = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: cidr, podCIDRs: [cidr] } };
      await this.context.client.resource(nodes).patch(name, { type: 'strategic', body });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.given.delete(name);
    }
  }
}
