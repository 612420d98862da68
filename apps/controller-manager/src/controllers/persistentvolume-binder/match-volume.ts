import { parseQuantity, selectorFromLabelSelector, ZERO_QUANTITY, type Quantity } from '@pilothouse/apimachinery';
import type { PersistentVolume, PersistentVolumeClaim } from '@pilothouse/api';

export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export function storageClassOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return object.metadata.annotations?.[CLASS_ANNOTATION] ?? object.spec.storageClassName ?? '';
}

/** Whether a volume names this claim; a reference without uid was written by hand, before there was the claim. */
export function isReservedFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  return (
    claimRef?.namespace === metadata.namespace &&
    claimRef?.name === metadata.name &&
    (!claimRef?.uid || claimRef.uid === metadata.uid)
  );
}

/** Whether the volume is what the claim asks for, whoever has it. Undefined when it is, else why not. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (capacityOf(volume).compare(requestOf(claim)) < 0) return 'requested PV is too small';
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match';
  if (!hasAttributesOf(volume, claim)) return 'volumeAttributesClassName does not match';
  if (!hasModeOf(volume, claim)) return 'incompatible volumeMode';
  if (!hasAccessModesOf(volume, claim)) return 'incompatible accessMode';
  return undefined;
}

export function hasModeOf(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');
}

function hasAttributesOf(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '');
}

function hasAccessModesOf(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const modes = volume.spec.accessModes ?? [];
  return (claim.spec.accessModes ?? []).every((mode) => modes.includes(mode));
}

/**
 * The volume to bind a claim to: one that is reserved for it, whatever its class, or else the smallest that is free and
 * fits. With `reservedOnly` the rest is left to the scheduler. Upstream: volume.FindMatchingVolume.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  reservedOnly: boolean,
): PersistentVolume | undefined {
  const selector = claim.spec.selector === undefined ? undefined : selectorFromLabelSelector(claim.spec.selector);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp || !hasRoomFor(volume, claim)) continue;
    if (volume.spec.claimRef) {
      if (isReservedFor(volume, claim)) return volume;
      continue;
    }
    if (reservedOnly || volume.status?.phase !== 'Available') continue;
    if (storageClassOf(volume) !== storageClassOf(claim)) continue;
    if (selector && !selector.matches(volume.metadata.labels)) continue;
    if (best === undefined || capacityOf(volume).compare(capacityOf(best)) < 0) best = volume;
  }
  return best;
}

function hasRoomFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    capacityOf(volume).compare(requestOf(claim)) >= 0 &&
    hasAttributesOf(volume, claim) &&
    hasModeOf(volume, claim) &&
    hasAccessModesOf(volume, claim)
  );
}

const capacityOf = ({ spec }: PersistentVolume): Quantity => amount(spec.capacity?.storage);
const requestOf = ({ spec }: PersistentVolumeClaim): Quantity => amount(spec.resources?.requests?.storage);
const amount = (text: string | undefined): Quantity => (text === undefined ? ZERO_QUANTITY : parseQuantity(text));
