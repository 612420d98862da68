import { objectKey } from '@pilothouse/apimachinery';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  persistentvolumeclaims,
  persistentvolumes,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { wantsToGrow } from './plan.ts';

/**
 * Says of claims that are to grow that somebody else has to see to it: no kind of volume is left that Kubernetes itself
 * makes larger. Mirrors pkg/controller/volume/expand.
 */
export class PersistentVolumeExpander implements Controller {
  readonly name = 'persistentvolume-expander-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly recorder: EventRecorder;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;
  private readonly volumes: SharedInformer<PersistentVolume>;

  constructor(context: ControllerContext) {
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('volume_expand');
    this.claims = context.informers.for(persistentvolumeclaims);
    this.volumes = context.informers.for(persistentvolumes);
    const requestOf = ({ spec }: PersistentVolumeClaim): string | undefined => spec.resources?.requests?.storage;
    this.claims.addHandler({
      onAdd: (claim) => this.queue.add(objectKey(claim)),
      onUpdate: (before, after) => {
        if (requestOf(before) !== requestOf(after)) this.queue.add(objectKey(after));
      },
    });
  }

  reconcile(key: string): Promise<ReconcileResult> {
    const claim = this.claims.lister.get(key);
    const volume = claim && this.volumes.lister.get(claim.spec.volumeName ?? '');
    if (claim && volume && wantsToGrow(claim, volume)) {
      const message = 'waiting for an external controller to expand this PVC';
      this.recorder.event(claim, 'Normal', 'ExternalExpanding', message);
    }
    return Promise.resolve(undefined);
  }
}
