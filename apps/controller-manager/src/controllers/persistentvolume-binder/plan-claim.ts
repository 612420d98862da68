import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '@pilothouse/api';
import { CLASS_ANNOTATION, findVolume, isReservedFor, mismatch, storageClassOf } from './match-volume.ts';

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** Provisioners that lived in Kubernetes once, for which CSI drivers stand in today. */
const MIGRATED = new Set(
  ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'].map(
    (name) => `kubernetes.io/${name}`,
  ),
);
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export interface ClaimEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What to do about a claim. */
export type ClaimPlan =
  | { readonly act: 'bind'; readonly volume: PersistentVolume }
  /** It names no class, and there is a default one by now. */
  | { readonly act: 'classify'; readonly className: string }
  /** It stays `Pending`; the provisioner that its class names is told by annotations. */
  | { readonly act: 'wait'; readonly event?: ClaimEvent; readonly provisioner?: string }
  | { readonly act: 'lose'; readonly event: ClaimEvent };

export interface VolumesSeen {
  readonly all: readonly PersistentVolume[];
  byName(name: string): PersistentVolume | undefined;
  classByName(name: string): StorageClass | undefined;
  defaultClass(): StorageClass | undefined;
  /** Names of the claim's pods that have no node and have not finished. */
  waitingPods(): readonly string[];
}

/** Pure. Upstream: PersistentVolumeController.syncClaim. */
export function planClaim(claim: PersistentVolumeClaim, seen: VolumesSeen): ClaimPlan {
  return claim.metadata.annotations?.[BIND_COMPLETED] === undefined ? planUnbound(claim, seen) : planBound(claim, seen);
}

function planUnbound(claim: PersistentVolumeClaim, seen: VolumesSeen): ClaimPlan {
  if (claim.spec.volumeName) return planNamed(claim, seen.byName(claim.spec.volumeName));
  const className = storageClassOf(claim);
  const storageClass = className === '' ? undefined : seen.classByName(className);
  // The scheduler chooses among the free ones.
  const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const volume = findVolume(claim, seen.all, waits);
  if (volume) return { act: 'bind', volume };
  const defaultName = isUnclassified(claim) ? seen.defaultClass()?.metadata.name : undefined;
  if (defaultName) return { act: 'classify', className: defaultName };
  if (waits && !claim.metadata.annotations?.[SELECTED_NODE]) return { act: 'wait', event: consumerEvent(seen) };
  if (className === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return { act: 'wait', event: { type: 'Normal', reason: 'FailedBinding', message } };
  }
  if (storageClass === undefined) {
    const message = `storageclass.storage.k8s.io "${className}" not found`;
    return { act: 'wait', event: { type: 'Warning', reason: 'ProvisioningFailed', message } };
  }
  const { provisioner } = storageClass;
  if (provisioner.startsWith('kubernetes.io/') && !MIGRATED.has(provisioner)) {
    const message = `no volume plugin matched name: ${provisioner}`;
    return { act: 'wait', event: { type: 'Warning', reason: 'ProvisioningFailed', message } };
  }
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return { act: 'wait', provisioner, event: { type: 'Normal', reason: 'ExternalProvisioning', message } };
}

/** A claim made before there was a default class; an empty name asks for none. */
function isUnclassified({ metadata, spec }: PersistentVolumeClaim): boolean {
  return spec.storageClassName === undefined && metadata.annotations?.[CLASS_ANNOTATION] === undefined;
}

function consumerEvent(seen: VolumesSeen): ClaimEvent {
  const names = seen.waitingPods();
  if (names.length === 0) {
    const message = 'waiting for first consumer to be created before binding';
    return { type: 'Normal', reason: 'WaitForFirstConsumer', message };
  }
  const message = `waiting for ${names.length > 1 ? 'pods' : 'pod'} ${names.join(',')} to be scheduled`;
  return { type: 'Normal', reason: 'WaitForPodScheduled', message };
}

/** The claim itself names its volume. */
function planNamed(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (volume === undefined) return { act: 'wait' };
  if (volume.spec.claimRef && !isReservedFor(volume, claim)) {
    const message = `volume "${volume.metadata.name}" already bound to a different claim.`;
    return { act: 'wait', event: { type: 'Warning', reason: 'FailedBinding', message } };
  }
  const why = volume.spec.claimRef ? undefined : mismatch(volume, claim);
  if (why !== undefined) {
    const message = `Cannot bind to requested volume "${volume.metadata.name}": ${why}`;
    return { act: 'wait', event: { type: 'Warning', reason: 'VolumeMismatch', message } };
  }
  return { act: 'bind', volume };
}

function planBound(claim: PersistentVolumeClaim, seen: VolumesSeen): ClaimPlan {
  const lost = (reason: string, message: string): ClaimPlan => ({
    act: 'lose',
    event: { type: 'Warning', reason, message },
  });
  const { volumeName } = claim.spec;
  if (!volumeName)
    return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  const volume = seen.byName(volumeName);
  if (volume === undefined)
    return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  if (!volume.spec.claimRef || volume.spec.claimRef.uid === claim.metadata.uid) return { act: 'bind', volume };
  const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
  return lost('ClaimMisbound', message);
}
