import { parseQuantity, selectorFromLabelSelector, ZERO_QUANTITY, type Quantity } from '@pilothouse/apimachinery';
import type { PersistentVolume, PersistentVolumeClaim } from '@pilothouse/api';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

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
  if ((volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem'))
    return 'incompatible volumeMode';
  const modes = volume.spec.accessModes ?? [];
  if (!(claim.spec.accessModes ?? []).every((mode) => modes.includes(mode))) return 'incompatible accessMode';
  return undefined;
}

/**
 * The volume to bind a claim to: one that is reserved for it, or else the smallest that is free and fits. Upstream:
 * volume.FindMatchingVolume.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
): PersistentVolume | undefined {
  const selector = claim.spec.selector === undefined ? undefined : selectorFromLabelSelector(claim.spec.selector);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp || mismatch(volume, claim) !== undefined) continue;
    if (volume.spec.claimRef) {
      if (isReservedFor(volume, claim)) return volume;
      continue;
    }
    if (volume.status?.phase !== 'Available') continue;
    if (selector && !selector.matches(volume.metadata.labels)) continue;
    if (best === undefined || capacityOf(volume).compare(capacityOf(best)) < 0) best = volume;
  }
  return best;
}

const capacityOf = ({ spec }: PersistentVolume): Quantity => amount(spec.capacity?.storage);
const requestOf = ({ spec }: PersistentVolumeClaim): Quantity => amount(spec.resources?.requests?.storage);
const amount = (text: string | undefined): Quantity => (text === undefined ? ZERO_QUANTITY : parseQuantity(text));
