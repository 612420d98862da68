import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NodeSelector,
  NodeSelectorRequirement,
  ResourceClaim,
} from '@pilothouse/api';
import type { AllocatedDevice } from './allocate-devices.ts';

/** `status.allocation` of a claim that got these devices. `newId` makes the ids of shares. */
export function allocationResult(
  claim: ResourceClaim,
  devices: readonly AllocatedDevice[],
  now: Date,
  newId: () => string,
): AllocationResult {
  const results = devices.map(({ request, device, alternative, consumed }): DeviceRequestAllocationResult => {
    const { bindingConditions, bindingFailureConditions, name } = device.device;
    return {
      request,
      driver: device.driver,
      pool: device.pool,
      device: name,
      ...(alternative.adminAccess ? { adminAccess: true } : {}),
      ...(alternative.tolerations.length > 0 ? { tolerations: [...alternative.tolerations] } : {}),
      ...(bindingConditions?.length ? { bindingConditions } : {}),
      ...(bindingFailureConditions?.length ? { bindingFailureConditions } : {}),
      ...(consumed ? { shareID: newId(), consumedCapacity: { ...consumed } } : {}),
    };
  });
  const config = configurations(claim, devices);
  const nodeSelector = commonSelector(devices);
  return {
    devices: { results, ...(config.length > 0 ? { config } : {}) },
    ...(nodeSelector ? { nodeSelector } : {}),
    allocationTimestamp: `${now.toISOString().slice(0, 19)}Z`,
  };
}

/** That of each request's class first, then the claim's own where it concerns a request that was used. */
function configurations(claim: ResourceClaim, devices: readonly AllocatedDevice[]): DeviceAllocationConfiguration[] {
  const used = new Map(devices.map(({ request, alternative }) => [request, alternative]));
  const ofClasses = [...used].flatMap(([request, { deviceClass }]) =>
    (deviceClass.spec.config ?? []).map(({ opaque }) => ({
      source: 'FromClass',
      requests: [request],
      ...(opaque ? { opaque } : {}),
    })),
  );
  const names = new Set([...used.keys()].flatMap((name) => [name, name.split('/')[0]!]));
  const ofClaim = (claim.spec.devices.config ?? [])
    .filter(({ requests = [] }) => requests.length === 0 || requests.some((name) => names.has(name)))
    .map(({ requests, opaque }) => ({
      source: 'FromClaim',
      ...(requests?.length ? { requests } : {}),
      ...(opaque ? { opaque } : {}),
    }));
  return [...ofClasses, ...ofClaim];
}

/** All requirements of all devices together, in one term; a device bound to one node says all there is to say. */
function commonSelector(devices: readonly AllocatedDevice[]): NodeSelector | undefined {
  const selectors = devices.flatMap(({ device }) => device.nodeSelector ?? []);
  const named = selectors.find(({ nodeSelectorTerms }) => nodeSelectorTerms?.[0]?.matchFields?.length);
  if (named || selectors.length === 0) return named;
  const seen = new Map<string, NodeSelectorRequirement>();
  for (const { nodeSelectorTerms } of selectors)
    for (const requirement of nodeSelectorTerms?.[0]?.matchExpressions ?? [])
      seen.set(JSON.stringify(requirement), requirement);
  return { nodeSelectorTerms: [{ matchExpressions: [...seen.values()] }] };
}
