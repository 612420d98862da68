import { isAlreadyExists, isNotFound, objectKey } from '@pilothouse/apimachinery';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  persistentvolumeclaims,
  persistentvolumes,
  type StorageClass,
  storageclasses,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isDiscarded, planProvision, SIMULATED_PROVISIONER } from './plan.ts';

/**
 * An external provisioner, as a CSI driver brings one along, for volumes that hold nothing: it serves StorageClasses
 * whose provisioner is `pilothouse.dev/simulated`, so that StatefulSets with claims run without any storage.
 */
export class SimulatedProvisioner implements Controller {
  readonly name = 'simulated-provisioner-controller';
  readonly workers = 2;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;
  private readonly volumes: SharedInformer<PersistentVolume>;
  private readonly classes: SharedInformer<StorageClass>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder(SIMULATED_PROVISIONER);
    this.claims = context.informers.for(persistentvolumeclaims);
    this.volumes = context.informers.for(persistentvolumes);
    this.classes = context.informers.for(storageclasses);
    const claimSeen = (claim: PersistentVolumeClaim): void => this.queue.add(objectKey(claim));
    const volumeSeen = (volume: PersistentVolume): void => {
      if (isDiscarded(volume)) this.queue.add(objectKey(volume));
    };
    this.claims.addHandler({ onAdd: claimSeen, onUpdate: (_, claim) => claimSeen(claim) });
    this.volumes.addHandler({ onAdd: volumeSeen, onUpdate: (_, volume) => volumeSeen(volume) });
  }

  /** A claim's key has a namespace, a volume's has none. */
  async reconcile(key: string): Promise<ReconcileResult> {
    return key.includes('/') ? this.provision(key) : this.discard(key);
  }

  private async provision(key: string): Promise<void> {
    const claim = this.claims.lister.get(key);
    const volume = claim && planProvision(claim, this.classes.lister.get(claim.spec.storageClassName ?? ''));
    if (!claim || !volume || this.volumes.lister.get(volume.metadata.name ?? '')) return;
    const about = `External provisioner is provisioning volume for claim "${key}"`;
    this.recorder.event(claim, 'Normal', 'Provisioning', about);
    try {
      await this.context.client.resource(persistentvolumes).create(volume);
      const message = `Successfully provisioned volume ${volume.metadata.name}`;
      this.recorder.event(claim, 'Normal', 'ProvisioningSucceeded', message);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  private async discard(name: string): Promise<void> {
    const volume = this.volumes.lister.get(name);
    if (!volume || !isDiscarded(volume)) return;
    try {
      await this.context.client
        .resource(persistentvolumes)
        .delete(name, { preconditions: { uid: volume.metadata.uid ?? '' } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
