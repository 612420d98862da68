import type { ContainerStatus, Pod, PodStatus } from '@pilothouse/api';
import type { PodRuntimeState } from '../runtime/container-runtime.ts';
import { podConditions } from './conditions.ts';
import { containerStatus } from './container-status.ts';
import { phaseOf } from './phase.ts';
import { containersOf, timestamp } from './pod-containers.ts';
import type { PodContainer } from './pod-containers.ts';
import type { PodMemory } from './pod-memory.ts';

/**
 * The status that a pod should have now; pure. `pod` is the newest version known: its status is what the conditions
 * of others and the transition times are taken from.
 */
export function nextPodStatus(
  pod: Pod,
  runtime: PodRuntimeState | undefined,
  memory: PodMemory,
  { hostIPs, now }: { readonly hostIPs: readonly string[]; readonly now: Date },
): PodStatus {
  const rejected = memory.verdict !== undefined && runtime === undefined;
  const before = pod.status ?? {};
  const common = {
    ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
    ...(before.qosClass ? { qosClass: before.qosClass } : {}),
    startTime: memory.startTime,
  };
  // What was never admitted has no containers to speak of.
  if (rejected) return { ...keptFields(before), ...common, phase: 'Failed', ...memory.verdict };

  const statuses = {
    init: [] as ContainerStatus[],
    regular: [] as ContainerStatus[],
    ephemeral: [] as ContainerStatus[],
  };
  const targets = containersOf(pod);
  const lost = memory.finished && isInitialized(targets, runtime);
  for (const target of targets) {
    const { name } = target.container;
    const status = containerStatus({
      pod,
      target,
      running: runtime?.containers.get(name),
      memory: memory.containers[name],
      finished: memory.finished,
      lost: lost && target.kind === 'regular',
    });
    statuses[target.kind === 'sidecar' ? 'init' : target.kind].push(status);
  }
  const all = [...statuses.init, ...statuses.regular];
  const initialized = statuses.regular.some(
    ({ state, lastState }) => state?.running || state?.terminated || lastState?.terminated,
  );
  const phase = finalPhase(before.phase, memory, phaseOf(pod, all, { terminal: memory.finished, initialized }));
  const podIPs = podAddresses(pod, runtime, hostIPs);
  const said = memory.verdict ?? (phase === before.phase ? { reason: before.reason, message: before.message } : {});
  return {
    ...keptFields(before),
    ...common,
    phase,
    conditions: podConditions({
      pod,
      phase,
      statuses: all,
      ...(memory.allocation?.pending ? { resizePending: memory.allocation.pending } : {}),
      isResizing: memory.resizing ?? false,
      ...(memory.evicted ? { evictionMessage: memory.verdict?.message ?? '' } : {}),
      sandboxReady: runtime?.sandbox?.state === 'ready',
      now: timestamp(now),
    }),
    ...(said.message ? { message: said.message } : {}),
    ...(said.reason ? { reason: said.reason } : {}),
    hostIP: hostIPs[0] ?? '',
    hostIPs: hostIPs.map((ip) => ({ ip })),
    ...(podIPs.length > 0 ? { podIP: podIPs[0]!, podIPs: podIPs.map((ip) => ({ ip })) } : {}),
    ...(statuses.init.length > 0 ? { initContainerStatuses: statuses.init } : {}),
    containerStatuses: statuses.regular,
    ...(statuses.ephemeral.length > 0 ? { ephemeralContainerStatuses: statuses.ephemeral } : {}),
  };
}

/** Whether the regular containers' turn had come. */
function isInitialized(targets: readonly PodContainer[], runtime: PodRuntimeState | undefined): boolean {
  return targets.every(({ container, kind }) => {
    const state = runtime?.containers.get(container.name);
    return kind === 'init'
      ? state?.state === 'exited' && state.exitCode === 0
      : kind !== 'sidecar' || state !== undefined;
  });
}

/** A final phase stays, and a verdict decides it. */
function finalPhase(before: string | undefined, memory: PodMemory, computed: string): string {
  if (before === 'Failed' || before === 'Succeeded') return before;
  return memory.verdict ? 'Failed' : computed;
}

/** An address is kept after the sandbox is gone, so that one can still see which it was. */
function podAddresses(pod: Pod, runtime: PodRuntimeState | undefined, hostIPs: readonly string[]): readonly string[] {
  if (pod.spec.hostNetwork) return runtime?.sandbox ? hostIPs : [];
  const current = runtime?.sandbox?.podIPs ?? [];
  return current.length > 0 ? current : (pod.status?.podIPs ?? []).map(({ ip }) => ip);
}

/** What other components write into a pod's status. */
function keptFields(status: PodStatus): PodStatus {
  const {
    nominatedNodeName,
    resourceClaimStatuses,
    extendedResourceClaimStatus,
    nodeAllocatableResourceClaimStatuses,
  } = status;
  return {
    ...(nominatedNodeName ? { nominatedNodeName } : {}),
    ...(resourceClaimStatuses ? { resourceClaimStatuses } : {}),
    ...(extendedResourceClaimStatus ? { extendedResourceClaimStatus } : {}),
    ...(nodeAllocatableResourceClaimStatuses ? { nodeAllocatableResourceClaimStatuses } : {}),
  };
}
