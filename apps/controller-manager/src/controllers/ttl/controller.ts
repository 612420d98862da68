import { isNotFound } from '@pilothouse/apimachinery';
import { type Node, nodes } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { planStep, secondsOf, TTL_ANNOTATION } from './plan.ts';

/** Tells kubelets how long they may cache, the longer the larger the cluster. Mirrors pkg/controller/ttl. */
export class TtlController implements Controller {
  readonly name = 'ttl-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly nodes: SharedInformer<Node>;
  private step = 0;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.nodes = context.informers.for(nodes);
    const enqueue = (node: Node): void => this.queue.add(node.metadata.name ?? '');
    this.nodes.addHandler({ onAdd: enqueue, onUpdate: (_, node) => enqueue(node) });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const all = this.nodes.lister.list();
    const step = planStep(this.step, all.length);
    if (step !== this.step) for (const each of all) this.queue.add(each.metadata.name ?? '');
    this.step = step;
    const value = String(secondsOf(step));
    const node = this.nodes.lister.get(name);
    if (!node || node.metadata.annotations?.[TTL_ANNOTATION] === value) return;
    try {
      await this.context.client
        .resource(nodes)
        .patch(name, { type: 'strategic', body: { metadata: { annotations: { [TTL_ANNOTATION]: value } } } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
