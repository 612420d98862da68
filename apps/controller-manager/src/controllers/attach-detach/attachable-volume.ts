import { createHash } from 'node:crypto';
import type { CSIDriver, PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment } from '@pilothouse/api';
import { isPodTerminal } from '@pilothouse/controller';

/** A volume that must be attached to a node before it is mounted there. */
export interface AttachableVolume {
  /** As in the status of nodes: `kubernetes.io/csi/<driver>^<handle>`. */
  readonly id: string;
  readonly driver: string;
  readonly handle: string;
  readonly volume: PersistentVolume;
}

/** Undefined for a volume of no CSI driver, or of one that attaches nothing. */
export function attachableVolume(
  volume: PersistentVolume,
  driverOf: (name: string) => CSIDriver | undefined,
): AttachableVolume | undefined {
  const { driver, volumeHandle: handle } = volume.spec.csi ?? {};
  if (!driver || !handle) return undefined;
  const found = driverOf(driver);
  if (!found || found.spec.attachRequired === false) return undefined;
  return { id: `kubernetes.io/csi/${driver}^${handle}`, driver, handle, volume };
}

/** Named after volume and node, so that a second try makes no second object. Upstream: getAttachmentName of the CSI plugin. */
export function attachmentName({ handle, driver }: AttachableVolume, node: string): string {
  return `csi-${createHash('sha256').update(`${handle}${driver}${node}`).digest('hex')}`;
}

/** Made by this controller and not by hand: what others make, they also take away. */
export const isOwnAttachment = ({ metadata }: VolumeAttachment): boolean =>
  /^csi-[0-9a-f]{64}$/.test(metadata.name ?? '');

/** `namespace/name` of the claims behind a pod's volumes. */
export function claimKeysOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [`${metadata.namespace}/${persistentVolumeClaim.claimName}`];
    return ephemeral ? [`${metadata.namespace}/${metadata.name}-${name}`] : [];
  });
}

/** Each is the other's, as the binder leaves them. */
export function isBoundTo(claim: PersistentVolumeClaim, { spec: { claimRef } }: PersistentVolume): boolean {
  return claim.status?.phase === 'Bound' && claimRef?.uid === claim.metadata.uid;
}

/** It uses its volumes no more: over, or being deleted with no container running. */
export function isDoneWithVolumes(pod: Pod): boolean {
  if (isPodTerminal(pod)) return true;
  if (!pod.metadata.deletionTimestamp) return false;
  return (pod.status?.containerStatuses ?? []).every(({ state }) => state?.terminated ?? state?.waiting);
}
