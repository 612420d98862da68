import {
  csidrivers,
  csinodes,
  csistoragecapacities,
  deviceclasses,
  devicetaintrules,
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
  type DeviceTaintRule,
} from '@pilothouse/api';
import type { InformerFactory, KubeClient } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import { DeviceTaintRules } from './devices/device-taint-rules.ts';
import { nodeHandler, podHandler, resourceHandler, type EventSinks } from './event-handlers.ts';
import type { ClusterListers } from './framework/listers.ts';

/** Finished pods take no room; the apiserver leaves them out, and reports one that finishes as deleted. */
const UNFINISHED_PODS = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' };

/** Asks for every informer that the scheduler needs. */
export function clusterListers(informers: InformerFactory, rules = new DeviceTaintRules()): ClusterListers {
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
    deviceTaintRules: rules,
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

/** How often an apiserver is asked whether it serves the rules by now. */
const DISCOVERY_MS = 60_000;

/**
 * Follows the rules that taint devices once they are served: they are of a beta version, and nothing else has to wait
 * for them. For the queue a changed rule is a changed slice, as upstream. Resolves when they are followed.
 */
export async function followDeviceTaintRules(
  client: KubeClient,
  informers: InformerFactory,
  { queue }: Pick<EventSinks, 'queue'>,
  rules: DeviceTaintRules,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { group, version, resource } = devicetaintrules;
  while (!signal.aborted) {
    // Who cannot be asked now is asked again: whatever else the scheduler needs of the apiserver reports the failure.
    const found = await client.discover({ signal }).catch(() => undefined);
    const isServed = found?.resources.some(
      (each) => each.group === group && each.version === version && each.resource === resource,
    );
    if (isServed) break;
    await clock.sleep(found ? DISCOVERY_MS : 1_000, signal).catch(() => undefined);
  }
  if (signal.aborted) return;
  const informer = informers.for(devicetaintrules);
  rules.follow(informer.lister);
  const { onAdd, onUpdate } = resourceHandler<DeviceTaintRule>('ResourceSlice', queue);
  informer.addHandler({ onAdd: onAdd!, onUpdate: onUpdate!, onDelete: (rule) => onUpdate!(rule, rule) });
}
