import { isNotFound } from '@pilothouse/apimachinery';
import { type CSIDriver, csidrivers, type VolumeAttachment, volumeattachments } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';

/** On a CSIDriver: `simulated` when nobody else attaches its volumes. */
export const ATTACHER_ANNOTATION = 'pilothouse.dev/attacher';

/** An external attacher, as a CSI driver brings one along, for drivers that have none: every volume is attached at once. */
export class SimulatedAttacher implements Controller {
  readonly name = 'simulated-attacher-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly drivers: SharedInformer<CSIDriver>;
  private readonly attachments: SharedInformer<VolumeAttachment>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.drivers = context.informers.for(csidrivers);
    this.attachments = context.informers.for(volumeattachments);
    const enqueue = ({ metadata }: VolumeAttachment): void => this.queue.add(metadata.name ?? '');
    this.attachments.addHandler({ onAdd: enqueue, onUpdate: (_, attachment) => enqueue(attachment) });
    const enqueueAll = (): void => this.attachments.lister.list().forEach(enqueue);
    this.drivers.addHandler({ onAdd: enqueueAll, onUpdate: enqueueAll });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const attachment = this.attachments.lister.get(name);
    if (!attachment || attachment.metadata.deletionTimestamp || attachment.status?.attached) return;
    const driver = this.drivers.lister.get(attachment.spec.attacher);
    if (driver?.metadata.annotations?.[ATTACHER_ANNOTATION] !== 'simulated') return;
    const body = { metadata: { uid: attachment.metadata.uid }, status: { attached: true, attachError: null } };
    try {
      const resource = this.context.client.resource(volumeattachments);
      await resource.patch(name, { type: 'merge', body }, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
