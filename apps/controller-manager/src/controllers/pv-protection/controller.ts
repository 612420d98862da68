import { isNotFound } from '@pilothouse/apimachinery';
import { type PersistentVolume, persistentvolumes } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isDue, toggled } from '../protection-finalizer.ts';

const FINALIZER = 'kubernetes.io/pv-protection';

/**
 * Lets a volume that is being deleted go once no claim is bound to it; gives the finalizer that holds it to volumes
 * that lost it. Mirrors pkg/controller/volume/pvprotection.
 */
export class PvProtectionController implements Controller {
  readonly name = 'persistentvolume-protection-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly volumes: SharedInformer<PersistentVolume>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.volumes = context.informers.for(persistentvolumes);
    const enqueue = ({ metadata }: PersistentVolume): void => {
      if (isDue(metadata, FINALIZER)) this.queue.add(metadata.name ?? '');
    };
    this.volumes.addHandler({ onAdd: enqueue, onUpdate: (_, volume) => enqueue(volume) });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const volume = this.volumes.lister.get(name);
    if (!volume || !isDue(volume.metadata, FINALIZER)) return;
    // Its own controller releases it first.
    if (volume.metadata.deletionTimestamp && volume.status?.phase === 'Bound') return;
    try {
      await this.context.client
        .resource(persistentvolumes)
        .update({ ...volume, metadata: toggled(volume.metadata, FINALIZER) });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
