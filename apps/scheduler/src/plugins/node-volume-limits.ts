import type { PersistentVolumeClaim } from '@pilothouse/api';
import { PodInfo } from '../cache/pod-info.ts';
import { Action } from '../framework/cluster-event.ts';
import type { ClusterListers } from '../framework/listers.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { SKIP, unschedulable } from '../framework/status.ts';
import { storageClassNameOf } from '../volumes/pod-claims.ts';

const REFUSED = unschedulable('node(s) exceed max volume count');

/** A CSI volume, or the place of one that is still to be made for a claim. */
interface CsiVolume {
  readonly driver: string;
  readonly identity: string;
}

/** A node attaches no more volumes of a CSI driver than its CSINode says. */
export const nodeVolumeLimits: PluginFactory = {
  name: 'NodeVolumeLimits',
  build: (_args, { listers }) => ({
    name: 'NodeVolumeLimits',
    preFilter(_state, pod) {
      return pod.claimKeys.length === 0 ? { status: SKIP } : undefined;
    },
    filter(_state, pod, node) {
      const drivers = listers.csiNodes.get(node.name)?.spec?.drivers ?? [];
      const limits = new Map(drivers.map(({ name, allocatable }) => [name, allocatable?.count]));
      const wanted = volumesOf(pod.claimKeys, listers).filter(({ driver }) => limits.get(driver) !== undefined);
      if (wanted.length === 0) return undefined;

      const attached = new Map<string, Set<string>>();
      const attach = ({ driver, identity }: CsiVolume) => {
        const volumes = attached.get(driver);
        if (volumes) volumes.add(identity);
        else attached.set(driver, new Set([identity]));
      };
      for (const volume of volumesOf(node.claimUsers.keys(), listers)) attach(volume);
      for (const volume of wanted) {
        const before = attached.get(volume.driver)?.size ?? 0;
        attach(volume);
        // A volume that another pod has there already takes no further place.
        const now = attached.get(volume.driver)!.size;
        if (now > before && now > limits.get(volume.driver)!) return REFUSED;
      }
      return undefined;
    },
    events: [
      { resource: 'CSINode', actions: Action.Add | Action.Update },
      {
        resource: 'AssignedPod',
        actions: Action.Delete,
        hint: (_pod, before) => (new PodInfo(before as PodInfo['pod']).claimKeys.length > 0 ? 'Queue' : 'QueueSkip'),
      },
      {
        resource: 'PersistentVolumeClaim',
        actions: Action.Add,
        hint: (pod, _before, after) =>
          new PodInfo(pod).claimKeys.includes(`${after?.metadata?.namespace}/${after?.metadata?.name}`)
            ? 'Queue'
            : 'QueueSkip',
      },
    ],
  }),
};

function volumesOf(claimKeys: Iterable<string>, listers: ClusterListers): CsiVolume[] {
  const volumes: CsiVolume[] = [];
  for (const key of claimKeys) {
    const claim = listers.persistentVolumeClaims.get(key);
    const volume = claim && csiVolumeOf(claim, key, listers);
    if (volume) volumes.push(volume);
  }
  return volumes;
}

function csiVolumeOf(claim: PersistentVolumeClaim, key: string, listers: ClusterListers): CsiVolume | undefined {
  const volume = claim.spec?.volumeName ? listers.persistentVolumes.get(claim.spec.volumeName) : undefined;
  if (volume?.spec?.csi) return { driver: volume.spec.csi.driver, identity: volume.spec.csi.volumeHandle };
  const provisioner = listers.storageClasses.get(storageClassNameOf(claim))?.provisioner;
  return volume || !provisioner ? undefined : { driver: provisioner, identity: key };
}
