import type { ResourceRequirements } from '@pilothouse/api';
import { sameResources } from '../pods/same-resources.ts';
import { parseDurationMs } from '../stages/duration.ts';
import type { Simulation } from './simulation.ts';

/** How long a resize takes unless the pod says otherwise. */
const DEFAULT_DURATION = '100ms';

/** The change of a running container's resources, which takes a moment; the last one asked for stands. */
export class ContainerResize {
  readonly #key: string;
  readonly #simulation: Simulation;
  #to: ResourceRequirements | undefined;

  constructor(containerKey: string, simulation: Simulation) {
    this.#key = `resize/${containerKey}`;
    this.#simulation = simulation;
  }

  /** `duration` as in annotations: `2s`. */
  begin(resources: ResourceRequirements, duration: string | undefined, done: () => void): void {
    if (this.#to && sameResources(this.#to, resources)) return;
    const { timers, clock, speed } = this.#simulation;
    this.#to = resources;
    const takesMs = parseDurationMs(duration ?? DEFAULT_DURATION) ?? 0;
    timers.set(this.#key, clock.monotonicMs() + takesMs / speed, () => {
      this.#to = undefined;
      done();
    });
  }

  cancel(): void {
    this.#simulation.timers.cancel(this.#key);
    this.#to = undefined;
  }
}
