import type { Pod } from '@pilothouse/api';
import type { ContainerState, PodRuntimeState } from '../runtime/container-runtime.ts';
import { allocatedPod, planAllocation } from './allocation.ts';
import type { Allocation } from './allocation.ts';
import { stop } from './plan-draft.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { PodObservation } from './pod-observation.ts';
import { containersOf, shouldRestart } from './pod-containers.ts';
import type { PodContainer } from './pod-containers.ts';
import { changedResources, sameResources } from './same-resources.ts';

/** Upstream's period between two looks at what was deferred, if no pod of the node makes room before. */
const DEFERRED_RETRY_MS = 180_000;

/** Decides over the resources that the pod asks for, and gives the pod as granted to the rest of the plan. */
export function planGrant(observation: PodObservation, draft: PlanDraft): PodObservation {
  const { pod, room, nowMs, speed } = observation;
  const { allocation } = draft.memory;
  if (!allocation || pod.metadata.deletionTimestamp) return observation;
  const next = planAllocation(pod, allocation, room);
  if (next !== allocation) {
    draft.memory = { ...draft.memory, allocation: next };
    if (next.pending) announce(draft, 'Warning', `Resize${next.pending.reason}`, next.pending.reason, pod, next);
  }
  if (next.pending?.reason === 'Deferred') draft.wakeAt(nowMs + DEFERRED_RETRY_MS / speed);
  const granted = allocatedPod(pod, next);
  return granted === pod ? observation : { ...observation, pod: granted };
}

/** Brings what runs to what was granted, in place or by a restart, as the resize policy of each container says. */
export function planResizes(pod: Pod, runtime: PodRuntimeState, draft: PlanDraft): void {
  const { resizing = false, allocation } = draft.memory;
  let isBusy = false;
  for (const target of containersOf(pod)) {
    const state = runtime.containers.get(target.container.name);
    if (!state || sameResources(state.resources, target.container.resources)) continue;
    if (state.state === 'running') resize(pod, target, state, draft);
    // One that does not run has what was granted from its next start on: waited for only if it was stopped for that.
    else if (!resizing || !shouldRestart(pod, target, state.exitCode ?? 0)) continue;
    isBusy = true;
  }
  if (isBusy === resizing) return;
  const { resizing: _, ...rest } = draft.memory;
  draft.memory = isBusy ? { ...rest, resizing: isBusy } : rest;
  if (isBusy) announce(draft, 'Normal', 'ResizeStarted', 'started', pod, allocation);
  else announce(draft, 'Normal', 'ResizeCompleted', 'completed', pod, allocation);
}

function resize(pod: Pod, target: PodContainer, state: ContainerState, draft: PlanDraft): void {
  const { name, resources = {}, resizePolicy = [] } = target.container;
  const needsRestart = changedResources(state.resources, resources).some((changed) =>
    resizePolicy.some(
      ({ resourceName, restartPolicy }) => resourceName === changed && restartPolicy === 'RestartContainer',
    ),
  );
  if (!needsRestart) return void draft.actions.push({ type: 'resizeContainer', name, resources });
  const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30;
  stop(target, state, graceSeconds, draft, `Container ${name} resize requires restart`);
}

/** The event, with a summary of what it is about. */
function announce(
  draft: PlanDraft,
  eventType: 'Normal' | 'Warning',
  reason: string,
  word: string,
  pod: Pod,
  allocation: Allocation | undefined,
): void {
  const summary = (list: Pod['spec']['containers'] = []): object[] | undefined =>
    list.length > 0 ? list.map(({ name, resources }) => ({ name, resources: resources ?? {} })) : undefined;
  const text = JSON.stringify({
    initContainers: summary(pod.spec.initContainers),
    containers: summary(pod.spec.containers),
    generation: pod.metadata.generation,
    error: allocation?.pending?.message,
  });
  draft.actions.push({ type: 'event', eventType, reason, message: `Pod resize ${word}: ${text}` });
}
