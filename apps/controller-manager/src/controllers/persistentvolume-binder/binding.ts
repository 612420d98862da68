import { deepEqual } from '@pilothouse/apimachinery';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimStatus,
  persistentvolumeclaims,
  persistentvolumes,
} from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import { formatTime } from '../conditions.ts';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from './plan-claim.ts';

const PROVISIONER_ANNOTATIONS = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
];

/** The writes by which claims and volumes find each other. */
export class Binding {
  readonly #client: KubeClient;
  readonly #clock: Clock;

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Volume first, then claim: whoever dies in between finds the reservation and goes on. */
  async bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const reserved = await this.#reserve(volume, claim);
    await this.markVolume(reserved, { phase: 'Bound' });
    const bound = await this.#complete(claim, reserved);
    await this.#markBound(bound, reserved);
  }

  async #reserve(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<PersistentVolume> {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    if (volume.spec.claimRef?.uid === uid) return volume;
    const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion };
    const annotations = volume.spec.claimRef
      ? volume.metadata.annotations
      : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
    const metadata = { ...volume.metadata, ...(annotations ? { annotations } : {}) };
    return this.#client
      .resource(persistentvolumes)
      .update({ ...volume, metadata, spec: { ...volume.spec, claimRef } } as PersistentVolume);
  }

  async #complete(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<PersistentVolumeClaim> {
    const { annotations, namespace = '' } = claim.metadata;
    const volumeName = volume.metadata.name ?? '';
    if (annotations?.[BIND_COMPLETED] && claim.spec.volumeName === volumeName) return claim;
    const byController: Record<string, string> = claim.spec.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    const next: PersistentVolumeClaim = {
      ...claim,
      metadata: { ...claim.metadata, annotations: { ...annotations, ...byController, [BIND_COMPLETED]: 'yes' } },
      spec: { ...claim.spec, volumeName },
    };
    return this.#client.resource(persistentvolumeclaims).update(next, { namespace });
  }

  /** The capacity of a claim that is bound already may be about to grow: others write it then. */
  async #markBound(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { accessModes, capacity, volumeAttributesClassName } = volume.spec;
    const isNew = claim.status?.phase !== 'Bound';
    await this.markClaim(claim, {
      ...claim.status,
      phase: 'Bound',
      ...(accessModes ? { accessModes } : {}),
      ...(isNew && capacity ? { capacity } : {}),
      ...(isNew && volumeAttributesClassName ? { currentVolumeAttributesClassName: volumeAttributesClassName } : {}),
    });
  }

  /** Asks the claim's provisioner, by the annotations that external ones wait for. */
  async askProvisioner(claim: PersistentVolumeClaim, provisioner: string): Promise<PersistentVolumeClaim> {
    const { annotations = {}, namespace = '' } = claim.metadata;
    if (PROVISIONER_ANNOTATIONS.every((name) => annotations[name] === provisioner)) return claim;
    const told = Object.fromEntries(PROVISIONER_ANNOTATIONS.map((name) => [name, provisioner]));
    const metadata = { ...claim.metadata, annotations: { ...annotations, ...told } };
    return this.#client.resource(persistentvolumeclaims).update({ ...claim, metadata }, { namespace });
  }

  async classify(claim: PersistentVolumeClaim, storageClassName: string): Promise<void> {
    const { namespace = '' } = claim.metadata;
    const next = { ...claim, spec: { ...claim.spec, storageClassName } };
    await this.#client.resource(persistentvolumeclaims).update(next, { namespace });
  }

  async markClaim(claim: PersistentVolumeClaim, status: PersistentVolumeClaimStatus): Promise<void> {
    if (deepEqual(claim.status, status)) return;
    const { namespace = '' } = claim.metadata;
    await this.#client
      .resource(persistentvolumeclaims)
      .update({ ...claim, status }, { namespace, subresource: 'status' });
  }

  async markVolume(volume: PersistentVolume, status: NonNullable<PersistentVolume['status']>): Promise<void> {
    const { lastPhaseTransitionTime, ...before } = volume.status ?? {};
    if (deepEqual(before, status)) return;
    const since = before.phase === status.phase ? lastPhaseTransitionTime : formatTime(this.#clock.now());
    const next = { ...volume, status: { ...status, ...(since ? { lastPhaseTransitionTime: since } : {}) } };
    await this.#client.resource(persistentvolumes).update(next, { subresource: 'status' });
  }
}
