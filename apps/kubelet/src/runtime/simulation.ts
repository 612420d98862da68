import type { Clock, Random } from '@pilothouse/component';
import type { StagePlayer } from '../stages/stage-player.ts';
import type { TimerHeap } from '../timers/timer-heap.ts';
import type { RuntimeEvent } from './container-runtime.ts';
import type { NetworkView } from './cluster-network.ts';
import type { ImageStore } from './image-store.ts';
import type { PodNetwork } from './pod-network.ts';
import type { HttpHandler } from './simulated-http.ts';

/** What the simulated things share. */
export interface Simulation {
  readonly clock: Clock;
  readonly timers: TimerHeap;
  readonly player: StagePlayer;
  readonly random: Random;
  readonly speed: number;
  readonly network: PodNetwork;
  readonly images: ImageStore;
  /** What answers at an address, seen from a pod. */
  dial(podUid: string, host: string, port: number): HttpHandler | undefined;
  /** The network as a process of that pod sees it. */
  networkOf(podUid: string): NetworkView;
  changed(podUid: string): void;
  event(event: RuntimeEvent): void;
}
