import { isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import {
  findDefaultStorageClass,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimStatus,
  persistentvolumeclaims,
  persistentvolumes,
  type Pod,
  pods,
  type StorageClass,
  storageclasses,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  isPodTerminal,
  type ReconcileResult,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { Binding } from './binding.ts';
import { planClaim } from './plan-claim.ts';
import { type Discard, planVolume } from './plan-volume.ts';

/**
 * Brings claims and volumes together. Keys are `<namespace>/<name>` for claims and `<name>` for volumes. It provisions
 * nothing itself: that is for external provisioners, as upstream. Mirrors pkg/controller/volume/persistentvolume.
 */
export class PersistentVolumeBinder implements Controller {
  readonly name = 'persistentvolume-binder-controller';
  /** One, because two claims must not choose the same volume. */
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;
  private readonly volumes: SharedInformer<PersistentVolume>;
  private readonly classes: SharedInformer<StorageClass>;
  private readonly pods: SharedInformer<Pod>;
  private readonly binding: Binding;

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder('persistentvolume-controller');
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.claims = context.informers.for(persistentvolumeclaims);
    this.volumes = context.informers.for(persistentvolumes);
    this.classes = context.informers.for(storageclasses);
    this.pods = context.informers.for(pods);
    this.binding = new Binding(context.client, context.clock);
    this.claims.addHandler({
      onAdd: (claim) => this.claimChanged(claim),
      onUpdate: (_, claim) => this.claimChanged(claim),
      onDelete: (claim) => this.claimChanged(claim),
    });
    this.volumes.addHandler({
      onAdd: (volume) => this.volumeChanged(volume),
      onUpdate: (_, volume) => this.volumeChanged(volume),
      onDelete: (volume) => this.volumeChanged(volume),
    });
    this.classes.addHandler({ onAdd: () => this.enqueuePendingClaims(), onUpdate: () => this.enqueuePendingClaims() });
  }

  private claimChanged(claim: PersistentVolumeClaim): void {
    this.queue.add(objectKey(claim));
    if (claim.spec.volumeName) this.queue.add(claim.spec.volumeName);
  }

  private volumeChanged(volume: PersistentVolume): void {
    this.queue.add(objectKey(volume));
    const { claimRef } = volume.spec;
    if (claimRef) this.queue.add(`${claimRef.namespace}/${claimRef.name}`);
    else if (volume.status?.phase === 'Available') this.enqueuePendingClaims();
  }

  private enqueuePendingClaims(): void {
    for (const claim of this.claims.lister.list())
      if (claim.status?.phase !== 'Bound') this.queue.add(objectKey(claim));
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    try {
      if (splitObjectKey(key).namespace === '') await this.syncVolume(key);
      else await this.syncClaim(key);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async syncVolume(name: string): Promise<void> {
    const volume = this.volumes.lister.get(name);
    if (!volume) return;
    const claim = await this.claimOf(volume);
    const plan = planVolume(volume, claim);
    switch (plan.act) {
      case 'mark':
        return this.binding.markVolume(volume, plan.status);
      case 'ask':
        return this.askClaim(volume, claim!, plan.isIncompatible);
      case 'free':
        await this.context.client.resource(persistentvolumes).update(plan.volume);
        return;
      case 'release':
        return this.release(volume, plan.discard);
    }
  }

  /** A volume may be heard of before the claim it was made for: one that is not known here is asked for. */
  private async claimOf({ spec, status }: PersistentVolume): Promise<PersistentVolumeClaim | undefined> {
    const { namespace = '', name = '', uid } = spec.claimRef ?? {};
    if (!uid) return undefined;
    const known = this.claims.lister.get(`${namespace}/${name}`);
    if (known?.metadata.uid === uid || isOver(status?.phase)) return known;
    try {
      return await this.context.client.resource(persistentvolumeclaims).get(name, { namespace });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private askClaim(volume: PersistentVolume, claim: PersistentVolumeClaim, isIncompatible: boolean): void {
    if (!isIncompatible) return this.queue.add(objectKey(claim));
    const [volumeName, claimName, why] = [volume.metadata.name, claim.metadata.name, 'due to incompatible volumeMode.'];
    const onVolume = `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claimName}" ${why}`;
    this.recorder.event(volume, 'Warning', 'VolumeMismatch', onVolume);
    const onClaim = `Cannot bind PersistentVolume "${volumeName}" to requested PersistentVolumeClaim "${claimName}" ${why}`;
    this.recorder.event(claim, 'Warning', 'VolumeMismatch', onClaim);
  }

  private async release(volume: PersistentVolume, discard: Discard | undefined): Promise<void> {
    const { phase } = volume.status ?? {};
    // Seen as released, it comes back here for the rest.
    if (!isOver(phase)) return this.binding.markVolume(volume, { phase: 'Released' });
    if (discard === undefined) return;
    if (discard === 'delete') return this.context.client.resource(persistentvolumes).delete(volume.metadata.name ?? '');
    if (phase === 'Failed') return;
    await this.binding.markVolume(volume, { phase: 'Failed', message: discard.failure });
    this.recorder.event(volume, 'Warning', 'VolumeFailedDelete', discard.failure);
  }

  private async syncClaim(key: string): Promise<void> {
    const claim = this.claims.lister.get(key);
    if (!claim) return;
    const plan = planClaim(claim, {
      all: this.volumes.lister.list(),
      byName: (name) => this.volumes.lister.get(name),
      classByName: (name) => this.classes.lister.get(name),
      defaultClass: () => findDefaultStorageClass(this.classes.lister.list()),
      waitingPods: () => this.waitingPods(claim),
    });
    switch (plan.act) {
      case 'bind':
        return this.binding.bind(claim, plan.volume);
      case 'classify':
        return this.binding.classify(claim, plan.className);
      case 'wait': {
        const { event, provisioner } = plan;
        const asked = provisioner === undefined ? claim : await this.binding.askProvisioner(claim, provisioner);
        if (event) this.recorder.event(asked, event.type, event.reason, event.message);
        return this.binding.markClaim(asked, unboundStatus(asked, 'Pending'));
      }
      case 'lose':
        if (claim.status?.phase === 'Lost') return;
        await this.binding.markClaim(claim, unboundStatus(claim, 'Lost'));
        this.recorder.event(claim, plan.event.type, plan.event.reason, plan.event.message);
    }
  }

  private waitingPods({ metadata }: PersistentVolumeClaim): string[] {
    return this.pods.lister
      .list(metadata.namespace)
      .filter((pod) => !pod.spec.nodeName && !isPodTerminal(pod) && claimsOf(pod).includes(metadata.name ?? ''))
      .map((pod) => pod.metadata.name ?? '');
  }
}

const isOver = (phase: string | undefined): boolean => phase === 'Released' || phase === 'Failed';

function unboundStatus({ status }: PersistentVolumeClaim, phase: string): PersistentVolumeClaimStatus {
  const { accessModes: _modes, capacity: _capacity, ...rest } = status ?? {};
  return { ...rest, phase };
}

function claimsOf({ spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}
