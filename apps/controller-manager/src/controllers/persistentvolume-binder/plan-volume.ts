import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeStatus } from '@pilothouse/api';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** The phase that a volume's reference and the claim behind it justify. Pure. Upstream: syncVolume. */
export function planVolumeStatus(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
): PersistentVolumeStatus {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
  // Without uid it is only reserved.
  if (!claimRef?.uid) return { phase: 'Available' };
  if (claim?.metadata.uid === claimRef.uid) {
    const settled = claim.spec.volumeName === volume.metadata.name;
    return settled ? { phase: 'Bound' } : { phase: volume.status?.phase ?? 'Pending' };
  }
  if (policy !== 'Delete' || volume.metadata.annotations?.[PROVISIONED_BY] !== undefined) return { phase: 'Released' };
  // Who provisioned a volume deletes it; this one nobody did.
  const message = `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`;
  return { phase: 'Failed', reason: 'VolumeFailedDelete', message };
}
