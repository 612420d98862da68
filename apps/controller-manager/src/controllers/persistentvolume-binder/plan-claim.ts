import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '@pilothouse/api';
import { findVolume, isReservedFor, mismatch, storageClassOf } from './match-volume.ts';

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export interface ClaimEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What to do about a claim. */
export type ClaimPlan =
  | { readonly act: 'bind'; readonly volume: PersistentVolume }
  /** It stays `Pending`; the provisioner that its class names is told by annotations. */
  | { readonly act: 'wait'; readonly event?: ClaimEvent; readonly provisioner?: string }
  | { readonly act: 'lose'; readonly event: ClaimEvent };

export interface VolumesSeen {
  readonly all: readonly PersistentVolume[];
  byName(name: string): PersistentVolume | undefined;
  classByName(name: string): StorageClass | undefined;
}

/** Pure. Upstream: PersistentVolumeController.syncClaim. */
export function planClaim(claim: PersistentVolumeClaim, seen: VolumesSeen): ClaimPlan {
  return claim.metadata.annotations?.[BIND_COMPLETED] === undefined ? planUnbound(claim, seen) : planBound(claim, seen);
}

function planUnbound(claim: PersistentVolumeClaim, seen: VolumesSeen): ClaimPlan {
  if (claim.spec.volumeName) return planNamed(claim, seen.byName(claim.spec.volumeName));
  const className = storageClassOf(claim);
  const storageClass = className === '' ? undefined : seen.classByName(className);
  const waits =
    storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim.metadata.annotations?.[SELECTED_NODE];
  // The scheduler chooses; only what somebody has reserved for the claim already is settled.
  const candidates = waits ? seen.all.filter((volume) => isReservedFor(volume, claim)) : seen.all;
  const volume = findVolume(claim, candidates);
  if (volume) return { act: 'bind', volume };
  if (waits) {
    const message = 'waiting for first consumer to be created before binding';
    return { act: 'wait', event: { type: 'Normal', reason: 'WaitForFirstConsumer', message } };
  }
  if (className === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return { act: 'wait', event: { type: 'Normal', reason: 'FailedBinding', message } };
  }
  if (storageClass === undefined) {
    const message = `storageclass.storage.k8s.io "${className}" not found`;
    return { act: 'wait', event: { type: 'Warning', reason: 'ProvisioningFailed', message } };
  }
  if (storageClass.provisioner === 'kubernetes.io/no-provisioner') return { act: 'wait' };
  const { provisioner } = storageClass;
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return { act: 'wait', provisioner, event: { type: 'Normal', reason: 'ExternalProvisioning', message } };
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
  if (!volume.spec.claimRef || isReservedFor(volume, claim)) return { act: 'bind', volume };
  const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
  return lost('ClaimMisbound', message);
}
