import { isNotFound } from '@pilothouse/apimachinery';
import { type IPAddress, ipaddresses, type ServiceCIDR, servicecidrs } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { findCondition, formatTime, setCondition } from '../conditions.ts';
import { canGo, holds, overlaps } from './plan.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
/** Until every apiserver has heard that a range goes, and takes no address of it any more. */
const DELETION_GRACE_MS = 10_000;
const READY = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const HELD_BACK = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/** Keeps ranges of cluster IPs as long as Services have addresses of them. Mirrors pkg/controller/servicecidrs. */
export class ServiceCidrController implements Controller {
  readonly name = 'service-cidr-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly ranges: SharedInformer<ServiceCIDR>;
  private readonly addresses: SharedInformer<IPAddress>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder(this.name);
    this.ranges = context.informers.for(servicecidrs);
    this.addresses = context.informers.for(ipaddresses);
    const enqueueOverlapping = (range: ServiceCIDR): void => {
      this.queue.add(range.metadata.name ?? '');
      for (const other of this.ranges.lister.list()) if (overlaps(range, other)) this.queue.add(other.metadata.name!);
    };
    this.ranges.addHandler({
      onAdd: enqueueOverlapping,
      onUpdate: (_, range) => this.queue.add(range.metadata.name ?? ''),
      onDelete: enqueueOverlapping,
    });
    // What holds no range back that is to go changes nothing.
    const enqueueHolding = (address: IPAddress): void => {
      for (const range of this.ranges.lister.list())
        if (range.metadata.deletionTimestamp && holds(range, address)) this.queue.add(range.metadata.name!);
    };
    this.addresses.addHandler({ onAdd: enqueueHolding, onDelete: enqueueHolding });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const range = this.ranges.lister.get(name);
    if (!range) return;
    try {
      return range.metadata.deletionTimestamp ? await this.letGo(range) : await this.keep(range);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async letGo(range: ServiceCIDR): Promise<ReconcileResult> {
    const { name, deletionTimestamp, finalizers = [] } = range.metadata;
    if (!canGo(range, this.ranges.lister.list(), this.addresses.lister.list())) {
      await this.say(range, HELD_BACK);
      return;
    }
    const restMs = Date.parse(deletionTimestamp!) + DELETION_GRACE_MS - this.context.clock.now().getTime();
    if (restMs > 0) return { requeueAfterMs: restMs };
    if (!finalizers.includes(FINALIZER)) return;
    const body = { metadata: { '$deleteFromPrimitiveList/finalizers': [FINALIZER] } };
    await this.context.client.resource(servicecidrs).patch(name ?? '', { type: 'strategic', body });
  }

  private async keep(range: ServiceCIDR): Promise<void> {
    const { name = '', finalizers = [] } = range.metadata;
    let current = range;
    if (!finalizers.includes(FINALIZER)) {
      const body = { metadata: { finalizers: [FINALIZER] } };
      current = await this.context.client.resource(servicecidrs).patch(name, { type: 'strategic', body });
    }
    try {
      await this.say(current, READY);
    } catch (error) {
      const message = 'The ServiceCIDR Status can not be set to Ready=True';
      this.recorder.event(range, 'Warning', 'KubernetesServiceCIDRError', message);
      throw error;
    }
  }

  private async say(range: ServiceCIDR, said: typeof READY | typeof HELD_BACK): Promise<void> {
    const current = findCondition(range.status?.conditions, said.type);
    if (current?.status === said.status && (current.reason ?? '') === said.reason && current.message === said.message)
      return;
    const condition = { ...said, lastTransitionTime: formatTime(this.context.clock.now()) };
    const body = { status: { conditions: setCondition(range.status?.conditions, condition) } };
    const name = range.metadata.name ?? '';
    await this.context.client.resource(servicecidrs).patch(name, { type: 'merge', body }, { subresource: 'status' });
  }
}
