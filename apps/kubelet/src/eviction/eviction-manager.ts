import type { Clock } from '@pilothouse/component';
import { pressuresOf } from '../node/pressure.ts';
import type { NodeAgent } from '../node/node-agent.ts';
import type { PodManager } from '../pods/pod-manager.ts';
import type { PodWorker } from '../pods/pod-worker.ts';
import { TimerHeap } from '../timers/timer-heap.ts';
import { evictionOf, nextVictim } from './plan-eviction.ts';

/** Upstream's interval between two looks at what a node has left. */
const INTERVAL_MS = 10_000;

export interface EvictionManagerOptions {
  readonly clock: Clock;
  readonly agents: readonly NodeAgent[];
  readonly podManager: PodManager;
  /** What the containers of a pod use, in bytes. */
  readonly memoryOf: (worker: PodWorker) => ReadonlyMap<string, number>;
}

/** Evicts one pod after the other from nodes that are short of something. Mirrors pkg/kubelet/eviction. */
export class EvictionManager {
  readonly #options: EvictionManagerOptions;
  readonly #timers: TimerHeap;

  constructor(options: EvictionManagerOptions) {
    this.#options = options;
    this.#timers = new TimerHeap(options.clock);
  }

  start(): void {
    const { clock } = this.#options;
    this.#timers.set('eviction', clock.monotonicMs() + INTERVAL_MS, () => {
      for (const agent of this.#options.agents) this.#look(agent);
      this.start();
    });
  }

  stop(): void {
    this.#timers.stop();
  }

  #look(agent: NodeAgent): void {
    const [pressure] = pressuresOf(agent.node());
    if (!pressure) return;
    const { podManager, memoryOf } = this.#options;
    const candidates = podManager
      .list(agent.nodeName)
      .filter(({ active }) => active)
      .map((worker) => ({ worker, pod: worker.pod, memoryBytes: memoryOf(worker) }));
    const victim = nextVictim(candidates);
    if (victim) podManager.evict(victim.worker, evictionOf(victim, pressure));
  }
}
