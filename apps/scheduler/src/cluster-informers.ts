import {
  csidrivers,
  csinodes,
  csistoragecapacities,
  deviceclasses,
  namespaces,
  nodes,
  persistentvolumeclaims,
  persistentvolumes,
  poddisruptionbudgets,
  pods,
  replicasets,
  replicationcontrollers,
  resourceclaims,
  resourceslices,
  services,
  statefulsets,
  storageclasses,
} from '@pilothouse/api';
import type { InformerFactory } from '@pilothouse/client';
import { nodeHandler, podHandler, resourceHandler, type EventSinks } from './event-handlers.ts';
import type { ClusterListers } from './framework/listers.ts';

/** Finished pods take no room; the apiserver leaves them out, and reports one that finishes as deleted. */
const UNFINISHED_PODS = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' };

/** Asks for every informer that the scheduler needs. */
export function clusterListers(informers: InformerFactory): ClusterListers {
  return {
    pods: informers.for(pods, UNFINISHED_PODS).lister,
    namespaces: informers.for(namespaces).lister,
    services: informers.for(services).lister,
    replicationControllers: informers.for(replicationcontrollers).lister,
    replicaSets: informers.for(replicasets).lister,
    statefulSets: informers.for(statefulsets).lister,
    podDisruptionBudgets: informers.for(poddisruptionbudgets).lister,
    persistentVolumes: informers.for(persistentvolumes).lister,
    persistentVolumeClaims: informers.for(persistentvolumeclaims).lister,
    storageClasses: informers.for(storageclasses).lister,
    csiNodes: informers.for(csinodes).lister,
    csiDrivers: informers.for(csidrivers).lister,
    csiStorageCapacities: informers.for(csistoragecapacities).lister,
    deviceClasses: informers.for(deviceclasses).lister,
    resourceClaims: informers.for(resourceclaims).lister,
    resourceSlices: informers.for(resourceslices).lister,
  };
}

/** Feeds cache and queue from the informers; to be called before they start. */
export function addEventHandlers(informers: InformerFactory, sinks: EventSinks): void {
  const { queue } = sinks;
  informers.for(nodes).addHandler(nodeHandler(sinks));
  informers.for(pods, UNFINISHED_PODS).addHandler(podHandler(sinks));
  informers.for(persistentvolumes).addHandler(resourceHandler('PersistentVolume', queue));
  informers.for(persistentvolumeclaims).addHandler(resourceHandler('PersistentVolumeClaim', queue));
  informers.for(storageclasses).addHandler(resourceHandler('StorageClass', queue));
  informers.for(csinodes).addHandler(resourceHandler('CSINode', queue));
  informers.for(csidrivers).addHandler(resourceHandler('CSIDriver', queue));
  informers.for(csistoragecapacities).addHandler(resourceHandler('CSIStorageCapacity', queue));
  informers.for(deviceclasses).addHandler(resourceHandler('DeviceClass', queue));
  informers.for(resourceclaims).addHandler(resourceHandler('ResourceClaim', queue));
  informers.for(resourceslices).addHandler(resourceHandler('ResourceSlice', queue));
}
