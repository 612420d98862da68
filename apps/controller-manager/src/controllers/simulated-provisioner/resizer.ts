import { isNotFound, objectKey } from '@pilothouse/apimachinery';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  persistentvolumeclaims,
  persistentvolumes,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { planResize } from './plan-resize.ts';
import { SIMULATED_PROVISIONER } from './plan.ts';

/** An external resizer, as a CSI driver brings one along, for the volumes of the simulated provisioner. */
export class SimulatedResizer implements Controller {
  readonly name = 'simulated-resizer-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;
  private readonly volumes: SharedInformer<PersistentVolume>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder(`external-resizer ${SIMULATED_PROVISIONER}`);
    this.claims = context.informers.for(persistentvolumeclaims);
    this.volumes = context.informers.for(persistentvolumes);
    const enqueue = (claim: PersistentVolumeClaim): void => this.queue.add(objectKey(claim));
    this.claims.addHandler({ onAdd: enqueue, onUpdate: (_, claim) => enqueue(claim) });
    this.volumes.addHandler({
      onUpdate: (_, { spec: { claimRef } }) => {
        if (claimRef) this.queue.add(`${claimRef.namespace}/${claimRef.name}`);
      },
    });
  }

  /** One step; what it writes comes back and brings the next. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const claim = this.claims.lister.get(key);
    const step =
      claim && planResize(claim, this.volumes.lister.get(claim.spec.volumeName ?? ''), this.context.clock.now());
    if (!claim || !step) return;
    try {
      if (step.do === 'enlarge') await this.context.client.resource(persistentvolumes).update(step.volume);
      else await this.write({ ...claim, status: step.status });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    if (step.do === 'announce') {
      const message = `External resizer is resizing volume ${claim.spec.volumeName}`;
      this.recorder.event(claim, 'Normal', 'Resizing', message);
    }
    if (step.do === 'finish') this.recorder.event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
  }

  private async write(claim: PersistentVolumeClaim): Promise<void> {
    const { namespace = '' } = claim.metadata;
    await this.context.client.resource(persistentvolumeclaims).update(claim, { namespace, subresource: 'status' });
  }
}
