import { deepEqual, isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimStatus,
  persistentvolumeclaims,
  persistentvolumes,
  type StorageClass,
  storageclasses,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { formatTime } from '../conditions.ts';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER, planClaim, type ClaimPlan } from './plan-claim.ts';
import { planVolumeStatus } from './plan-volume.ts';

const PROVISIONER_ANNOTATIONS = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
];

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

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder('persistentvolume-controller');
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.claims = context.informers.for(persistentvolumeclaims);
    this.volumes = context.informers.for(persistentvolumes);
    this.classes = context.informers.for(storageclasses);
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
    const { claimRef } = volume.spec;
    const claim = claimRef && this.claims.lister.get(`${claimRef.namespace}/${claimRef.name}`);
    await this.writeVolumeStatus(volume, planVolumeStatus(volume, claim));
  }

  private async syncClaim(key: string): Promise<void> {
    const claim = this.claims.lister.get(key);
    if (!claim) return;
    const plan = planClaim(claim, {
      all: this.volumes.lister.list(),
      byName: (name) => this.volumes.lister.get(name),
      classByName: (name) => this.classes.lister.get(name),
    });
    if ('event' in plan && plan.event)
      this.recorder.event(claim, plan.event.type, plan.event.reason, plan.event.message);
    switch (plan.act) {
      case 'bind':
        return this.bind(claim, plan.volume);
      case 'wait':
        return this.wait(claim, plan);
      case 'lose':
        await this.writeClaimStatus(claim, { phase: 'Lost' });
    }
  }

  /** Volume first, then claim: whoever dies in between finds the reservation and goes on. */
  private async bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const reserved = await this.reserve(volume, claim);
    await this.writeVolumeStatus(reserved, { phase: 'Bound' });
    const bound = await this.complete(claim, reserved);
    const { accessModes, capacity } = reserved.spec;
    const current = bound.status?.capacity;
    await this.writeClaimStatus(bound, {
      ...bound.status,
      phase: 'Bound',
      ...(accessModes ? { accessModes } : {}),
      ...(current || capacity ? { capacity: current ?? capacity } : {}),
    } as PersistentVolumeClaimStatus);
  }

  private async reserve(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<PersistentVolume> {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    if (volume.spec.claimRef?.uid === uid) return volume;
    const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion };
    const annotations = volume.spec.claimRef
      ? volume.metadata.annotations
      : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
    const metadata = { ...volume.metadata, ...(annotations ? { annotations } : {}) };
    const next = { ...volume, metadata, spec: { ...volume.spec, claimRef } } as PersistentVolume;
    return this.context.client.resource(persistentvolumes).update(next);
  }

  private async complete(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<PersistentVolumeClaim> {
    const { annotations, namespace = '' } = claim.metadata;
    const volumeName = volume.metadata.name ?? '';
    if (annotations?.[BIND_COMPLETED] && claim.spec.volumeName === volumeName) return claim;
    const byController: Record<string, string> = claim.spec.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    const next: PersistentVolumeClaim = {
      ...claim,
      metadata: { ...claim.metadata, annotations: { ...annotations, ...byController, [BIND_COMPLETED]: 'yes' } },
      spec: { ...claim.spec, volumeName },
    };
    return this.context.client.resource(persistentvolumeclaims).update(next, { namespace });
  }

  private async wait(
    claim: PersistentVolumeClaim,
    { provisioner }: Extract<ClaimPlan, { act: 'wait' }>,
  ): Promise<void> {
    let current = claim;
    const { annotations = {}, namespace = '' } = claim.metadata;
    if (provisioner !== undefined && PROVISIONER_ANNOTATIONS.some((name) => annotations[name] !== provisioner)) {
      const told = Object.fromEntries(PROVISIONER_ANNOTATIONS.map((name) => [name, provisioner]));
      const metadata = { ...claim.metadata, annotations: { ...annotations, ...told } };
      current = await this.context.client
        .resource(persistentvolumeclaims)
        .update({ ...claim, metadata }, { namespace });
    }
    await this.writeClaimStatus(current, { ...current.status, phase: 'Pending' });
  }

  private async writeClaimStatus(claim: PersistentVolumeClaim, status: PersistentVolumeClaimStatus): Promise<void> {
    if (deepEqual(claim.status, status)) return;
    const { namespace = '' } = claim.metadata;
    await this.context.client
      .resource(persistentvolumeclaims)
      .update({ ...claim, status }, { namespace, subresource: 'status' });
  }

  private async writeVolumeStatus(
    volume: PersistentVolume,
    status: NonNullable<PersistentVolume['status']>,
  ): Promise<void> {
    const { lastPhaseTransitionTime, ...before } = volume.status ?? {};
    if (deepEqual(before, status)) return;
    const since = before.phase === status.phase ? lastPhaseTransitionTime : formatTime(this.context.clock.now());
    const next = { ...volume, status: { ...status, ...(since ? { lastPhaseTransitionTime: since } : {}) } };
    await this.context.client.resource(persistentvolumes).update(next, { subresource: 'status' });
  }
}
