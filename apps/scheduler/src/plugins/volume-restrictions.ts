import type { Pod, Volume } from '@pilothouse/api';
import { PodInfo } from '../cache/pod-info.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { Action } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle-state.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { SKIP, unschedulable } from '../framework/status.ts';

const DISK_CONFLICT = unschedulable('node(s) had no available disk');
const CLAIM_IN_USE = unschedulable(
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
);

interface RestrictionState {
  /** Claims of the pod that only one pod in the cluster may use. */
  readonly exclusiveClaims: readonly string[];
  /** Pods that use them now. */
  conflicts: number;
}

const restrictionsKey = stateKey<RestrictionState>('PreFilterVolumeRestrictions', (state) => ({ ...state }));

/** Two pods on a node cannot both write some kinds of disk, and a ReadWriteOncePod claim is one pod's alone. */
export const volumeRestrictions: PluginFactory = {
  name: 'VolumeRestrictions',
  build: (_args, { listers, snapshot }) => ({
    name: 'VolumeRestrictions',
    preFilter(state, pod) {
      const exclusiveClaims = pod.claimKeys.filter((key) =>
        listers.persistentVolumeClaims.get(key)?.spec?.accessModes?.includes('ReadWriteOncePod'),
      );
      const hasDisks = pod.pod.spec.volumes?.some((volume) => diskOf(volume) !== undefined);
      if (exclusiveClaims.length === 0 && !hasDisks) return { status: SKIP };
      const conflicts = exclusiveClaims.filter((key) => snapshot.isClaimUsed(key)).length;
      state.write(restrictionsKey, { exclusiveClaims, conflicts });
      return undefined;
    },
    preFilterExtensions: {
      addPod: (state, _pod, added) => count(state.read(restrictionsKey), added, 1),
      removePod: (state, _pod, removed) => count(state.read(restrictionsKey), removed, -1),
    },
    filter(state, { pod }, node) {
      if ((pod.spec.volumes ?? []).some((volume) => conflictsOnNode(volume, node))) return DISK_CONFLICT;
      return state.mustRead(restrictionsKey).conflicts > 0 ? CLAIM_IN_USE : undefined;
    },
    events: [
      {
        resource: 'AssignedPod',
        actions: Action.Delete,
        hint: (pod, before) => (sharesVolume(pod, before as Pod) ? 'Queue' : 'QueueSkip'),
      },
      { resource: 'Node', actions: Action.Add },
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

function count(state: RestrictionState | undefined, changed: PodInfo, by: 1 | -1): void {
  if (!state) return;
  state.conflicts += by * changed.claimKeys.filter((key) => state.exclusiveClaims.includes(key)).length;
}

interface Disk {
  /** Equal for volumes that are the same disk. */
  readonly identity: string;
  readonly readOnly: boolean;
  /** Whether two read-only uses get along. */
  readonly sharesReads: boolean;
}

/** The kinds of disk that a node can attach for writing only once. */
function diskOf(volume: Volume): Disk | undefined {
  if (volume.gcePersistentDisk) {
    const { pdName, readOnly = false } = volume.gcePersistentDisk;
    return { identity: `gce/${pdName}`, readOnly, sharesReads: true };
  }
  if (volume.awsElasticBlockStore) {
    return { identity: `aws/${volume.awsElasticBlockStore.volumeID}`, readOnly: false, sharesReads: false };
  }
  if (volume.iscsi) {
    return { identity: `iscsi/${volume.iscsi.iqn}`, readOnly: volume.iscsi.readOnly ?? false, sharesReads: true };
  }
  if (volume.rbd) {
    const { monitors, pool = 'rbd', image, readOnly = false } = volume.rbd;
    return { identity: `rbd/${[...(monitors ?? [])].sort().join(',')}/${pool}/${image}`, readOnly, sharesReads: true };
  }
  return undefined;
}

function conflict(a: Disk, b: Disk): boolean {
  return a.identity === b.identity && !(a.sharesReads && a.readOnly && b.readOnly);
}

function conflictsOnNode(volume: Volume, node: NodeInfo): boolean {
  const disk = diskOf(volume);
  if (!disk) return false;
  for (const existing of node.pods.values()) if (usesConflicting(existing.pod, disk)) return true;
  return false;
}

function usesConflicting(pod: Pod, disk: Disk): boolean {
  return (pod.spec.volumes ?? []).some((volume) => {
    const other = diskOf(volume);
    return other !== undefined && conflict(disk, other);
  });
}

function sharesVolume(pod: Pod, gone: Pod): boolean {
  const [mine, theirs] = [new PodInfo(pod).claimKeys, new PodInfo(gone).claimKeys];
  if (mine.some((key) => theirs.includes(key))) return true;
  return (pod.spec.volumes ?? []).some((volume) => {
    const disk = diskOf(volume);
    return disk !== undefined && usesConflicting(gone, disk);
  });
}
