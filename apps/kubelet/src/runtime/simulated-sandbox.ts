import type { Pod } from '@pilothouse/api';
import type { PlayedSubject } from '../stages/stage-player.ts';
import type { StageNext } from '../stages/stage.ts';
import type { SandboxState } from './container-runtime.ts';
import { podFact } from './pod-facts.ts';
import type { Simulation } from './simulation.ts';

export class SimulatedSandbox implements PlayedSubject, SandboxState {
  readonly subjectKind = 'sandbox';
  readonly key: string;
  state: SandboxState['state'] = 'creating';
  enteredAtMs: number;
  podIPs: readonly string[] = [];
  pod: Pod;
  readonly #simulation: Simulation;

  constructor(pod: Pod, simulation: Simulation) {
    this.pod = pod;
    this.key = `sandbox/${pod.metadata.uid}`;
    this.#simulation = simulation;
    this.enteredAtMs = simulation.clock.monotonicMs();
  }

  get labels(): Readonly<Record<string, string>> {
    return this.pod.metadata.labels ?? {};
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.pod.metadata.annotations ?? {};
  }

  readonly fact = (name: string): string | undefined => podFact(this.pod, undefined, name);

  enter({ state }: StageNext): void {
    this.moveTo(state as SandboxState['state']);
  }

  moveTo(state: SandboxState['state']): void {
    const { clock, network, changed } = this.#simulation;
    const { uid = '' } = this.pod.metadata;
    this.state = state;
    this.enteredAtMs = clock.monotonicMs();
    if (state === 'ready' && !this.pod.spec.hostNetwork) {
      const address = network.allocate(this.pod.spec.nodeName ?? '', uid);
      this.podIPs = address === undefined ? [] : [address];
    }
    if (state === 'stopped') network.release(uid);
    changed(uid);
  }

  /** As it was when an earlier process of this kubelet ran. */
  restore(podIPs: readonly string[]): void {
    this.state = 'ready';
    this.podIPs = podIPs;
    for (const ip of podIPs)
      this.#simulation.network.reserve(this.pod.spec.nodeName ?? '', this.pod.metadata.uid ?? '', ip);
  }
}
