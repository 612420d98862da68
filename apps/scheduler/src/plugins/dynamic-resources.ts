import { objectKey } from '@pilothouse/apimachinery';
import type { AllocationResult, Pod, ResourceClaim } from '@pilothouse/api';
import { compileNodeSelector, type NodeMatcher } from '@pilothouse/controller';
import { allocateDevices, AllocationTimeout, type ClaimToAllocate } from '../devices/allocate-devices.ts';
import type { AllocatedDevice } from '../devices/allocate-devices.ts';
import { allocationResult } from '../devices/allocation-result.ts';
import { DevicePools } from '../devices/device-pools.ts';
import { planRequest } from '../devices/device-requests.ts';
import { DeviceUsage } from '../devices/device-usage.ts';
import { PendingAllocations } from '../devices/pending-allocations.ts';
import { ClaimProblem, isReservedFor, podResourceClaims } from '../devices/pod-resource-claims.ts';
import { releaseClaim, reserveClaim } from '../devices/reserve-claims.ts';
import { waitForBindingConditions } from '../devices/binding-conditions.ts';
import { parseDurationMs } from '@pilothouse/component';
import { readArgs } from '../config/plugin-args.ts';
import { Action } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle-state.ts';
import type { FrameworkHandle } from '../framework/handle.ts';
import type { Plugin, PluginFactory } from '../framework/plugin.ts';
import { SKIP, unresolvable, unschedulable, type Status } from '../framework/status.ts';

interface ClaimsState {
  readonly claims: readonly ResourceClaim[];
  /** Claims that have their devices, and from where these are reached. */
  readonly allocated: readonly { readonly claim: ResourceClaim; readonly matches: NodeMatcher | undefined }[];
  readonly toAllocate: readonly ClaimToAllocate[];
  readonly pools: DevicePools | undefined;
  readonly usage: DeviceUsage | undefined;
  /** The choice for each node that fits. */
  readonly choices: Map<string, readonly (readonly AllocatedDevice[])[]>;
  /** Allocated claims that kept a node from fitting. */
  readonly unreachable: Set<ResourceClaim>;
  /** By claim, once a node is chosen. */
  readonly results: Map<ResourceClaim, AllocationResult>;
}

const claimsKey = stateKey<ClaimsState>('DynamicResources');
const DEFAULT_BINDING_TIMEOUT_MS = 600_000;
const DEFAULT_FILTER_TIMEOUT_MS = 10_000;

interface DynamicResourcesArgs {
  /** How long the search for devices on one node may take; `0s`: as long as it takes. */
  filterTimeout?: string;
  /** How long drivers may take to make devices ready for the node. */
  bindingTimeout?: string;
}

/**
 * Chooses nodes from which devices for all of the pod's ResourceClaims can be reached, allocates those and reserves the
 * claims for the pod. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
 */
export const dynamicResources: PluginFactory = {
  name: 'DynamicResources',
  build(args, handle) {
    const fields = ['filterTimeout', 'bindingTimeout'] as const;
    const config = readArgs<DynamicResourcesArgs>('DynamicResourcesArgs', args, fields);
    const filterTimeoutMs = durationOf(config, 'filterTimeout', DEFAULT_FILTER_TIMEOUT_MS);
    const bindingTimeoutMs = durationOf(config, 'bindingTimeout', DEFAULT_BINDING_TIMEOUT_MS);
    const { listers, api, clock, random } = handle;
    const pending = new PendingAllocations();

    return {
      name: 'DynamicResources',
      preEnqueue: (pod) => problemOf(() => void podResourceClaims(pod, listers.resourceClaims)),
      preFilter(state, { pod }) {
        if (!pod.spec.resourceClaims?.length) return { status: SKIP };
        const status = problemOf(() => state.write(claimsKey, prepare(pod, handle, pending)));
        return status && { status };
      },
      filter(state, _pod, { node, name }) {
        const { allocated, toAllocate, pools, usage, choices, unreachable } = state.mustRead(claimsKey);
        const far = allocated.filter(({ matches }) => matches && !matches(node));
        for (const { claim } of far) unreachable.add(claim);
        if (far.length > 0) return unresolvable('resourceclaim not available on the node');
        if (toAllocate.length === 0) return undefined;
        const startMs = clock.monotonicMs();
        const isOverdue = (): boolean => filterTimeoutMs > 0 && clock.monotonicMs() - startMs > filterTimeoutMs;
        try {
          const chosen = allocateDevices(toAllocate, pools!.reachableFrom(node), usage!, isOverdue);
          if (!chosen) return unresolvable('cannot allocate all claims');
          choices.set(name, chosen);
          return undefined;
        } catch (error) {
          if (error instanceof AllocationTimeout) return unresolvable('timed out trying to allocate devices');
          throw error;
        }
      },
      postFilter(state, { pod }) {
        if (!pod.spec.resourceClaims?.length) return { status: unschedulable('no new claims to deallocate') };
        const { unreachable } = state.read(claimsKey) ?? {};
        if (!unreachable) return { status: unschedulable('still not schedulable') };
        // Devices that nobody uses and that are in the wrong place: the claim may get others.
        const idle = [...unreachable].find(({ status }) =>
          (status?.reservedFor ?? []).every(({ uid }) => uid === pod.metadata.uid),
        );
        if (!idle) return { status: unschedulable('still not schedulable') };
        void releaseClaim(idle, pod, { deallocate: true }, api).catch(() => undefined);
        return { status: unschedulable('deallocation of ResourceClaim completed') };
      },
      reserve(state, _pod, nodeName) {
        const { toAllocate = [], choices, results } = state.read(claimsKey) ?? {};
        const chosen = choices?.get(nodeName) ?? [];
        toAllocate.forEach(({ claim }, index) => {
          const result = allocationResult(claim, chosen[index] ?? [], clock.now(), () => random.uuid());
          results!.set(claim, result);
          pending.add(claim, result);
        });
        return undefined;
      },
      unreserve(state, { pod }) {
        const { claims = [], results } = state.read(claimsKey) ?? {};
        for (const claim of claims) {
          if (results?.has(claim)) pending.delete(claim);
          const current = listers.resourceClaims.get(objectKey(claim));
          if (current && isReservedFor(current, pod))
            void releaseClaim(claim, pod, { deallocate: false }, api).catch(() => undefined);
        }
      },
      async preBind(state, { pod }) {
        const { claims = [], results } = state.read(claimsKey) ?? {};
        const reserved: ResourceClaim[] = [];
        for (const claim of claims) reserved.push(await reserveClaim(claim, pod, results?.get(claim), api));
        await waitForBindingConditions(reserved, { listers, clock, timeoutMs: bindingTimeoutMs });
        return undefined;
      },
      events: claimEvents(handle),
    };
  },
};

function durationOf(args: DynamicResourcesArgs, name: keyof DynamicResourcesArgs, defaultMs: number): number {
  const text = args[name];
  if (text === undefined) return defaultMs;
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined || durationMs < 0)
    throw new Error(`${name}: Invalid value: ${JSON.stringify(text)}: must be a duration of zero or more`);
  return durationMs;
}

function problemOf(check: () => void): Status | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ClaimProblem) return unresolvable(error.message);
    throw error;
  }
}

function prepare(pod: Pod, { listers }: FrameworkHandle, pending: PendingAllocations): ClaimsState {
  const claims = podResourceClaims(pod, listers.resourceClaims);
  const allocated: { claim: ResourceClaim; matches: NodeMatcher | undefined }[] = [];
  const toAllocate: ClaimToAllocate[] = [];
  for (const claim of claims) {
    const { allocation } = claim.status ?? {};
    if (allocation) {
      const { nodeSelector } = allocation;
      allocated.push({ claim, matches: nodeSelector && compileNodeSelector(nodeSelector) });
      continue;
    }
    if (pending.has(claim))
      throw new ClaimProblem(`resource claim ${objectKey(claim)} is in the process of being allocated`);
    const requests = (claim.spec.devices.requests ?? []).map((request) =>
      planRequest(request, (name) => listers.deviceClasses.get(name)),
    );
    toAllocate.push({ claim, requests });
  }
  const isNeeded = toAllocate.length > 0;
  return {
    claims,
    allocated,
    toAllocate,
    pools: isNeeded ? new DevicePools(listers.resourceSlices.list(), listers.deviceTaintRules.list()) : undefined,
    usage: isNeeded ? DeviceUsage.of(pending.all(listers.resourceClaims)) : undefined,
    choices: new Map(),
    unreachable: new Set(),
    results: new Map(),
  };
}

/** A claim helps the pods that use it by appearing and changing, and all others by giving devices back. */
function claimEvents({ listers }: FrameworkHandle): NonNullable<Plugin['events']> {
  const uses = (pod: Pod, claim: ResourceClaim): boolean => {
    try {
      return podResourceClaims(pod, listers.resourceClaims).some(({ metadata }) => metadata.uid === claim.metadata.uid);
    } catch (error) {
      if (error instanceof ClaimProblem) return false;
      throw error;
    }
  };
  return [
    {
      resource: 'ResourceClaim',
      actions: Action.Add | Action.Update | Action.Delete,
      hint(pod, before, after) {
        const freed =
          (before as ResourceClaim | undefined)?.status?.allocation &&
          !(after as ResourceClaim | undefined)?.status?.allocation;
        return freed || (after && uses(pod, after as ResourceClaim)) ? 'Queue' : 'QueueSkip';
      },
    },
    {
      resource: 'TargetPod',
      actions: Action.Update,
      hint: (pod, _before, after) => (after?.metadata?.uid === pod.metadata.uid ? 'Queue' : 'QueueSkip'),
    },
    { resource: 'DeviceClass', actions: Action.Add | Action.Update },
    { resource: 'ResourceSlice', actions: Action.Add | Action.Update },
    { resource: 'Node', actions: Action.Add | Action.UpdateNodeLabel | Action.UpdateNodeTaint },
  ];
}
