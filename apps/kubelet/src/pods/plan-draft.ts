import type { ContainerState } from '../runtime/container-runtime.ts';
import type { PodAction } from './plan-container-start.ts';
import type { PodContainer } from './pod-containers.ts';
import type { ContainerMemory, PodMemory } from './pod-memory.ts';

/** What is to be done now, and when to look again. */
export interface PodPlan {
  readonly memory: PodMemory;
  readonly actions: readonly PodAction[];
  readonly wakeAtMs?: number;
}

/** Collects what the steps of a plan decide. */
export class PlanDraft {
  memory: PodMemory;
  readonly actions: PodAction[] = [];
  #wakeAtMs = Infinity;

  constructor(memory: PodMemory) {
    this.memory = memory;
  }

  container(name: string): ContainerMemory {
    return this.memory.containers[name] ?? {};
  }

  remember(name: string, memory: ContainerMemory): void {
    if (memory === this.memory.containers[name]) return;
    this.memory = { ...this.memory, containers: { ...this.memory.containers, [name]: memory } };
  }

  wakeAt(ms: number | undefined): void {
    if (ms !== undefined) this.#wakeAtMs = Math.min(this.#wakeAtMs, ms);
  }

  plan(): PodPlan {
    const wake = Number.isFinite(this.#wakeAtMs) ? { wakeAtMs: this.#wakeAtMs } : {};
    return { memory: this.memory, actions: this.actions, ...wake };
  }
}

/** Stops a running container, with an event that says why. */
export function stop(
  target: PodContainer,
  state: ContainerState,
  graceSeconds: number,
  draft: PlanDraft,
  message = `Stopping container ${target.container.name}`,
): void {
  const { name } = target.container;
  if (draft.container(name).killedId !== state.id) {
    draft.remember(name, { ...draft.container(name), killedId: state.id });
    draft.actions.push({
      type: 'event',
      eventType: 'Normal',
      reason: 'Killing',
      message,
      target,
    });
  }
  draft.actions.push({ type: 'stopContainer', name, gracePeriodMs: graceSeconds * 1000 });
}
