import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '@pilothouse/api';

export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** Where the volume binder says who is to provision. */
const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** As in `provisioner:` of a StorageClass. */
export const SIMULATED_PROVISIONER = 'pilothouse.dev/simulated';

/**
 * The volume that the claim asks this provisioner for; undefined when it asks for none, or not yet. Its name comes from
 * the claim's uid, so that a second try makes no second volume.
 */
export function planProvision(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
): PersistentVolume | undefined {
  const { annotations = {}, name = '', namespace = '', uid = '', deletionTimestamp } = claim.metadata;
  if (annotations[STORAGE_PROVISIONER] !== SIMULATED_PROVISIONER || claim.spec.volumeName || deletionTimestamp)
    return undefined;
  if (storageClass?.provisioner !== SIMULATED_PROVISIONER) return undefined;
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && annotations[SELECTED_NODE] === undefined)
    return undefined;
  const volume = `pvc-${uid}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volume, annotations: { [PROVISIONED_BY]: SIMULATED_PROVISIONER } },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec.accessModes ?? [],
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name ?? '',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      hostPath: { path: `/var/lib/pilothouse/volumes/${volume}` },
    },
  } as PersistentVolume;
}

/** A volume of ours whose claim is gone, and which is not to be kept. */
export const isDiscarded = (volume: PersistentVolume): boolean =>
  volume.metadata.annotations?.[PROVISIONED_BY] === SIMULATED_PROVISIONER &&
  volume.spec.persistentVolumeReclaimPolicy === 'Delete' &&
  volume.status?.phase === 'Released' &&
  volume.metadata.deletionTimestamp === undefined;
