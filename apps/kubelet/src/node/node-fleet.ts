import type { Node } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import type { Clock, Logger } from '@pilothouse/component';
import { WriteQueue } from '../pods/write-queue.ts';
import { defaultPodCidr } from '../runtime/pod-network.ts';
import type { PodNetwork } from '../runtime/pod-network.ts';
import { TimerHeap } from '../timers/timer-heap.ts';
import { DEVICES_ANNOTATION } from './device-slices.ts';
import type { NodeAgent } from './node-agent.ts';
import { RENEW_INTERVAL_MS } from './node-lease.ts';
import { PRESSURE_ANNOTATION } from './pressure.ts';

/** Upstream's nodeStatusUpdateFrequency: how often a node looks whether its status changed. */
const STATUS_INTERVAL_MS = 10_000;
/** Registrations, heartbeats and reports under way at once. */
const CONCURRENCY = 32;

export interface NodeFleetOptions {
  readonly agents: readonly NodeAgent[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly network: PodNetwork;
  /** Pods a node may run, for which its addresses must suffice. */
  readonly maxPods: number;
}

/**
 * All nodes of this process. Heartbeats are spread evenly: the n-th of a thousand nodes renews n hundredths of a
 * second after the first, so that the apiserver sees a steady stream and not a burst every ten seconds.
 */
export class NodeFleet {
  readonly #options: NodeFleetOptions;
  readonly #agents: ReadonlyMap<string, NodeAgent>;
  readonly #timers: TimerHeap;
  readonly #queue: WriteQueue;
  readonly #registered = new Set<string>();
  #onRegistered: (() => void) | undefined;

  constructor(options: NodeFleetOptions) {
    const { agents, clock, logger, network } = options;
    this.#options = options;
    this.#agents = new Map(agents.map((agent) => [agent.nodeName, agent]));
    this.#timers = new TimerHeap(clock);
    agents.forEach(({ nodeName }, index) => network.setRange(nodeName, defaultPodCidr(index, options.maxPods)));
    this.#queue = new WriteQueue({
      clock,
      concurrency: CONCURRENCY,
      write: (key) => this.#run(key),
      onError: (key, error) => {
        const [task, node] = key.split('/');
        logger.warn({ node, task, err: error }, 'The apiserver did not take a node update; trying again');
      },
    });
  }

  get(nodeName: string): NodeAgent | undefined {
    return this.#agents.get(nodeName);
  }

  list(): readonly NodeAgent[] {
    return this.#options.agents;
  }

  /** Reports the status of a node without waiting for its turn. */
  reportSoon(nodeName: string): void {
    if (this.#registered.has(nodeName)) this.#queue.add(`status/${nodeName}`);
  }

  get registeredCount(): number {
    return this.#registered.size;
  }

  /** Keeps each agent's copy of its Node and its pod range current. */
  follow(informer: SharedInformer<Node>): void {
    const observe = (node: Node): void => {
      const agent = this.#agents.get(node.metadata.name ?? '');
      if (!agent) return;
      const before = agent.node().metadata.annotations;
      agent.observe(node);
      const changed = (name: string): boolean => node.metadata.annotations?.[name] !== before?.[name];
      if (this.#registered.has(agent.nodeName)) {
        if (changed(DEVICES_ANNOTATION)) this.#queue.add(`devices/${agent.nodeName}`);
        if (changed(PRESSURE_ANNOTATION)) this.#queue.add(`status/${agent.nodeName}`);
      }
      const cidr = node.spec?.podCIDR;
      if (cidr) this.#options.network.setRange(agent.nodeName, cidr);
    };
    informer.addHandler({ onAdd: observe, onUpdate: (_, node) => observe(node) });
  }

  /** Registers every node and starts the heartbeats; resolves when all are registered. */
  start(): Promise<void> {
    const { agents } = this.#options;
    agents.forEach(({ nodeName }) => this.#queue.add(`register/${nodeName}`));
    return new Promise((resolve) => {
      this.#onRegistered = resolve;
      this.#announce();
    });
  }

  async stop(): Promise<void> {
    this.#timers.stop();
    await this.#queue.stop();
  }

  async #run(key: string): Promise<void> {
    const [task, nodeName = ''] = key.split('/');
    const agent = this.#agents.get(nodeName)!;
    if (task === 'lease') await agent.renewLease();
    else if (task === 'status') await agent.reportStatus();
    else if (task === 'devices') await agent.publishDevices();
    else await this.#register(agent);
  }

  async #register(agent: NodeAgent): Promise<void> {
    await agent.register();
    this.#options.logger.info({ node: agent.nodeName }, 'Successfully registered node');
    this.#registered.add(agent.nodeName);
    this.#queue.add(`lease/${agent.nodeName}`);
    const offset = this.#options.agents.indexOf(agent) / this.#options.agents.length;
    this.#repeat(`lease/${agent.nodeName}`, RENEW_INTERVAL_MS, offset);
    this.#repeat(`status/${agent.nodeName}`, STATUS_INTERVAL_MS, offset);
    this.#announce();
  }

  #repeat(key: string, intervalMs: number, offset: number): void {
    const { clock } = this.#options;
    const tick = (dueMs: number): void =>
      this.#timers.set(key, dueMs, () => {
        this.#queue.add(key);
        tick(dueMs + intervalMs);
      });
    tick(clock.monotonicMs() + intervalMs * (0.5 + offset / 2));
  }

  #announce(): void {
    if (this.#registered.size === this.#agents.size) this.#onRegistered?.();
  }
}
