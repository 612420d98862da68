import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus } from '@pilothouse/api';
import { findCondition, formatTime, removeCondition, setCondition } from '../conditions.ts';
import { wantsToGrow } from '../persistentvolume-expander/plan.ts';
import { PROVISIONED_BY, SIMULATED_PROVISIONER } from './plan.ts';

/** The next step towards a larger volume, as an external resizer goes them; each is one write. */
export type ResizeStep =
  | { readonly do: 'announce'; readonly status: PersistentVolumeClaimStatus }
  | { readonly do: 'enlarge'; readonly volume: PersistentVolume }
  | { readonly do: 'finish'; readonly status: PersistentVolumeClaimStatus };

/** Pure; undefined when there is nothing to do. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims */
export function planResize(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume | undefined,
  now: Date,
): ResizeStep | undefined {
  if (volume?.metadata.annotations?.[PROVISIONED_BY] !== SIMULATED_PROVISIONER || !wantsToGrow(claim, volume))
    return undefined;
  const storage = claim.spec.resources!.requests!['storage']!;
  const { conditions, allocatedResources, allocatedResourceStatuses, ...status } = claim.status!;
  const isAnnounced =
    findCondition(conditions, 'Resizing')?.status === 'True' && allocatedResources?.['storage'] === storage;
  if (!isAnnounced) {
    return {
      do: 'announce',
      status: {
        ...status,
        allocatedResources: { ...allocatedResources, storage },
        allocatedResourceStatuses: { ...allocatedResourceStatuses, storage: 'ControllerResizeInProgress' },
        conditions: setCondition(conditions, { type: 'Resizing', status: 'True', lastTransitionTime: formatTime(now) }),
      },
    };
  }
  if (volume.spec.capacity?.['storage'] !== storage) {
    const capacity = { ...volume.spec.capacity, storage };
    return { do: 'enlarge', volume: { ...volume, spec: { ...volume.spec, capacity } } };
  }
  const { storage: _, ...statuses } = allocatedResourceStatuses ?? {};
  const left = removeCondition(conditions, 'Resizing');
  return {
    do: 'finish',
    status: {
      ...status,
      capacity: { ...status.capacity, storage },
      allocatedResources,
      ...(Object.keys(statuses).length > 0 ? { allocatedResourceStatuses: statuses } : {}),
      ...(left.length > 0 ? { conditions: left } : {}),
    },
  };
}
