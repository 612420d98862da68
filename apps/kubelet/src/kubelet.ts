import { csidrivers, nodes, pods, services } from '@pilothouse/api';
import { createEventRecorder, createInformerFactory } from '@pilothouse/client';
import type { InformerFactory, KubeClient } from '@pilothouse/client';
import type { Clock, Logger, Random, Tracer } from '@pilothouse/component';
import { podUsage } from './server/usage.ts';
import { EvictionManager } from './eviction/eviction-manager.ts';
import { HostRecorders } from './node/host-recorders.ts';
import { NodeAgent } from './node/node-agent.ts';
import { NodeFleet } from './node/node-fleet.ts';
import type { NodeSpec } from './node/node-object.ts';
import { SimulatedDirectory } from './pods/cluster-directory.ts';
import { PodManager } from './pods/pod-manager.ts';
import { PodNetwork } from './runtime/pod-network.ts';
import { SimulatedRuntime } from './runtime/simulated-runtime.ts';
import type { Stage } from './stages/stage.ts';

export interface KubeletOptions {
  readonly client: KubeClient;
  /** Who writes what a node writes; `client` does unless given. */
  readonly clientOf?: (nodeName: string) => KubeClient;
  readonly nodes: readonly NodeSpec[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly network: PodNetwork;
  readonly runtime: SimulatedRuntime;
  readonly speed?: number;
  readonly tracer?: Tracer;
  /** Made from the client unless given. */
  readonly informers?: InformerFactory;
}

/** A kubelet for all its nodes: it registers them, keeps them alive and runs what is bound to them. */
export class Kubelet {
  readonly fleet: NodeFleet;
  readonly podManager: PodManager;
  readonly runtime: SimulatedRuntime;
  readonly #evictions: EvictionManager;
  readonly #options: KubeletOptions;
  readonly #recorders: HostRecorders;

  constructor(options: KubeletOptions) {
    const { client, clock, random, logger, network, runtime, speed = 1, tracer } = options;
    const clientOf = options.clientOf ?? (() => client);
    this.#options = options;
    this.runtime = runtime;
    this.#recorders = new HostRecorders(() =>
      createEventRecorder({ client, clock, random, logger, component: 'kubelet' }),
    );
    const agents = options.nodes.map(
      (spec) =>
        new NodeAgent({
          spec,
          client: clientOf(spec.name),
          clock,
          logger,
          recorder: this.#recorders.forHost(spec.name),
          images: () => runtime.images.list(spec.name),
          onVolumesUsed: () => this.fleet.reportSoon(spec.name),
          onVolumesReported: () => this.podManager.retryVolumes(spec.name),
        }),
    );
    const maxPods = Math.max(0, ...options.nodes.map(({ capacity }) => Number(capacity.pods ?? 0)));
    this.fleet = new NodeFleet({ agents, clock, logger, network, maxPods });
    this.podManager = new PodManager({
      client,
      clock,
      logger,
      runtime,
      speed,
      hostOf: (nodeName) => this.fleet.get(nodeName),
      ...(tracer ? { tracer } : {}),
    });
    this.#evictions = new EvictionManager({
      clock,
      agents,
      podManager: this.podManager,
      memoryOf: (worker) =>
        new Map(podUsage(worker, runtime, clock.now()).map(({ name, memoryBytes }) => [name, memoryBytes])),
    });
    const nodeAddresses = [...new Set(options.nodes.flatMap(({ addresses }) => addresses))];
    runtime.useDirectory(
      new SimulatedDirectory(
        this.podManager.services,
        () => this.podManager.list(),
        () => nodeAddresses,
      ),
    );
  }

  /** Resolves when every node is registered and the pods are followed. */
  async start(signal: AbortSignal): Promise<void> {
    const {
      client,
      clock,
      random,
      logger,
      informers = createInformerFactory(client, { clock, random, logger }),
    } = this.#options;
    const only = this.#options.nodes.length === 1 ? this.#options.nodes[0]!.name : undefined;
    const nodeInformer = informers.for(nodes, only ? { fieldSelector: `metadata.name=${only}` } : {});
    this.fleet.follow(nodeInformer);
    // Registered first: a pod is admitted by what its node has, and that is known from the registration.
    const registered = this.fleet.start();
    const podInformer = informers.for(pods, { fieldSelector: only ? `spec.nodeName=${only}` : 'spec.nodeName!=' });
    this.podManager.services.follow(informers.for(services));
    this.podManager.drivers.follow(informers.for(csidrivers));
    await registered;
    this.podManager.follow(podInformer);
    informers.start(signal);
    await informers.waitForSync(signal);
    this.podManager.drivers.markKnown();
    this.#evictions.start();
  }

  async stop(): Promise<void> {
    this.#evictions.stop();
    this.runtime.stop();
    await Promise.all([this.podManager.stop(), this.fleet.stop()]);
    await this.#recorders.flush();
  }
}

/** The simulated runtime with the network that it shares with the nodes. */
export function createSimulation(options: {
  clock: Clock;
  random: Random;
  stages?: readonly Stage[];
  speed?: number;
}): {
  network: PodNetwork;
  runtime: SimulatedRuntime;
} {
  const network = new PodNetwork();
  return { network, runtime: new SimulatedRuntime({ ...options, network }) };
}
