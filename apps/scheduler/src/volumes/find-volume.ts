import { selectorFromLabelSelector } from '@pilothouse/apimachinery';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '@pilothouse/api';
import { amountOf } from '../cache/resource-amounts.ts';
import { compileNodeSelector } from '@pilothouse/controller';
import { storageClassNameOf } from './pod-claims.ts';

/** Whether the volume can be reached from the node. */
export function volumeFitsNode(volume: PersistentVolume, node: Node): boolean {
  const required = volume.spec?.nodeAffinity?.required;
  return !required || compileNodeSelector(required)(node);
}

/**
 * The volume that a claim would be bound to on the node: one reserved for the claim, else the smallest that does.
 * `isTaken` says of a volume that another pod's binding is under way to it.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: Node,
  isTaken: (volumeName: string) => boolean,
): PersistentVolume | undefined {
  const wanted = amountOf('storage', claim.spec?.resources?.requests?.['storage'] ?? '0');
  const selector = claim.spec?.selector && selectorFromLabelSelector(claim.spec.selector);
  let smallest: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (isTaken(volume.metadata.name!) || volume.metadata.deletionTimestamp) continue;
    if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) continue;
    if ((volume.spec?.volumeAttributesClassName ?? '') !== (claim.spec?.volumeAttributesClassName ?? '')) continue;
    if (capacityOf(volume) < wanted || !volumeFitsNode(volume, node)) continue;
    if (volume.spec?.claimRef) {
      if (isReservedFor(volume, claim)) return volume;
      continue;
    }
    if (volume.status?.phase !== 'Available') continue;
    if (storageClassNameOf(claim) !== (volume.spec?.storageClassName ?? '')) continue;
    if (selector && !selector.matches(volume.metadata.labels)) continue;
    if (!(claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode))) continue;
    if (!smallest || capacityOf(volume) < capacityOf(smallest)) smallest = volume;
  }
  return smallest;
}

function isReservedFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec!.claimRef!;
  return (
    reference.namespace === claim.metadata.namespace &&
    reference.name === claim.metadata.name &&
    (!reference.uid || reference.uid === claim.metadata.uid)
  );
}

function capacityOf(volume: PersistentVolume): number {
  return amountOf('storage', volume.spec?.capacity?.['storage'] ?? '0');
}
