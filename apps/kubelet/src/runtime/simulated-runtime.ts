import { createHash } from 'node:crypto';
import type { Container, ContainerStatus, Pod, ResourceRequirements } from '@pilothouse/api';
import type { Clock, Random } from '@pilothouse/component';
import { STAGES } from '../stages/index.ts';
import { StagePlayer } from '../stages/stage-player.ts';
import type { Stage } from '../stages/stage.ts';
import { TimerHeap } from '../timers/timer-heap.ts';
import type {
  ContainerKind,
  ContainerRuntime,
  PodRuntimeState,
  RuntimeEvent,
  StartContainerRequest,
  VolumeFiles,
} from './container-runtime.ts';
import type { ClusterDirectory, Connection, NetworkView, Protocol } from './cluster-network.ts';
import { greeting, isOpenPort } from './open-ports.ts';
import { ImageStore } from './image-store.ts';
import { fileMounts, setVolumes } from './pod-mounts.ts';
import type { PodNetwork } from './pod-network.ts';
import type { FileTree } from './file-tree.ts';
import { SessionAffinity } from './session-affinity.ts';
import { SimulatedContainer } from './simulated-container.ts';
import { SimulatedImagePull } from './simulated-image-pull.ts';
import { SimulatedSandbox } from './simulated-sandbox.ts';
import { textResponse } from './simulated-http.ts';
import type { HttpHandler } from './simulated-http.ts';
import type { Simulation } from './simulation.ts';
import { containersOf } from '../pods/pod-containers.ts';

export interface SimulatedRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: PodNetwork;
  /** Played before the built-in stages. */
  readonly stages?: readonly Stage[];
  /** Every simulated delay is divided by this; 1 unless told. */
  readonly speed?: number;
}

interface SimulatedPod extends PodRuntimeState {
  sandbox: SimulatedSandbox | undefined;
  readonly pulls: Map<string, SimulatedImagePull>;
  readonly containers: Map<string, SimulatedContainer>;
  readonly volumes: Map<string, FileTree>;
}

/** A container runtime in which nothing runs: the stages say what would have happened, and when. */
export class SimulatedRuntime implements ContainerRuntime {
  readonly version = 'pilothouse://0.1.0';
  readonly images = new ImageStore();
  readonly #pods = new Map<string, SimulatedPod>();
  readonly #changeListeners: ((podUid: string) => void)[] = [];
  readonly #eventListeners: ((event: RuntimeEvent) => void)[] = [];
  readonly #simulation: Simulation;
  readonly #affinity: SessionAffinity;
  #directory: ClusterDirectory | undefined;

  constructor({ clock, random, network, stages = [], speed = 1 }: SimulatedRuntimeOptions) {
    const timers = new TimerHeap(clock);
    this.#affinity = new SessionAffinity(clock, random);
    this.#simulation = {
      clock,
      random,
      network,
      speed,
      timers,
      images: this.images,
      player: new StagePlayer({ stages: [...stages, ...STAGES], clock, timers, random, speed }),
      dial: (podUid, host, port) => this.#dial(podUid, host, port),
      networkOf: (podUid) => this.#networkOf(podUid),
      changed: (podUid) => {
        for (const listener of this.#changeListeners) listener(podUid);
      },
      event: (event) => {
        for (const listener of this.#eventListeners) listener(event);
      },
    };
  }

  /** From now on processes find services and names. */
  useDirectory(directory: ClusterDirectory): void {
    this.#directory = directory;
  }

  state(podUid: string): PodRuntimeState | undefined {
    return this.#pods.get(podUid);
  }

  /** The container itself, for what only a simulation offers: its log, its shell, its input. */
  container(podUid: string, name: string): SimulatedContainer | undefined {
    return this.#pods.get(podUid)?.containers.get(name);
  }

  onChange(listener: (podUid: string) => void): void {
    this.#changeListeners.push(listener);
  }

  onEvent(listener: (event: RuntimeEvent) => void): void {
    this.#eventListeners.push(listener);
  }

  hasImage(nodeName: string, image: string): boolean {
    return this.images.has(nodeName, image);
  }

  createSandbox(pod: Pod): void {
    const simulated = this.#pod(pod);
    simulated.sandbox = new SimulatedSandbox(pod, this.#simulation);
    this.#simulation.player.consider(simulated.sandbox);
  }

  stopSandbox(podUid: string): void {
    const sandbox = this.#pods.get(podUid)?.sandbox;
    if (!sandbox || sandbox.state === 'stopping' || sandbox.state === 'stopped') return;
    sandbox.moveTo('stopping');
    this.#simulation.player.consider(sandbox);
  }

  pullImage(pod: Pod, container: Container, kind: ContainerKind): void {
    const pull = new SimulatedImagePull(
      pod,
      { name: container.name, image: container.image ?? '', kind },
      this.#simulation,
    );
    this.#pod(pod).pulls.set(container.name, pull);
    this.#simulation.player.consider(pull);
  }

  setVolumes(pod: Pod, volumes: ReadonlyMap<string, VolumeFiles>): void {
    setVolumes(pod, this.#pod(pod).volumes, volumes);
  }

  /** What answers at a port of a pod: a simulated program, or undefined. */
  listener(podUid: string, port: number): HttpHandler | undefined {
    for (const container of this.#pods.get(podUid)?.containers.values() ?? []) {
      const handler = container.listener(port);
      if (handler) return handler;
    }
    return undefined;
  }

  startContainer(request: StartContainerRequest): void {
    const simulated = this.#pod(request.pod);
    const { name } = request.container;
    const last = simulated.containers.get(name);
    // The API shows one earlier attempt; those before it are forgotten with their logs.
    if (last) delete last.previous;
    const started = new SimulatedContainer(
      request,
      {
        id: this.#newContainerId(),
        attempt: last ? last.attempt + 1 : 0,
        podIP: simulated.sandbox?.podIPs[0] ?? '',
        ...(last ? { previous: last } : {}),
        mounts: fileMounts(request, simulated.volumes),
      },
      this.#simulation,
    );
    simulated.containers.set(name, started);
    this.#simulation.player.consider(started);
  }

  resizeContainer(podUid: string, containerName: string, resources: ResourceRequirements): void {
    this.#pods.get(podUid)?.containers.get(containerName)?.resize(resources);
  }

  stopContainer(podUid: string, containerName: string, gracePeriodMs: number): void {
    this.#pods.get(podUid)?.containers.get(containerName)?.stop(gracePeriodMs);
  }

  updatePod(pod: Pod): void {
    const simulated = this.#pods.get(pod.metadata.uid ?? '');
    if (!simulated) return;
    if (simulated.sandbox) simulated.sandbox.pod = pod;
    for (const pull of simulated.pulls.values()) pull.pod = pod;
    for (const container of simulated.containers.values()) {
      const before = container.pod.metadata;
      container.pod = pod;
      if (before.annotations !== pod.metadata.annotations || before.labels !== pod.metadata.labels)
        container.reconsider();
    }
  }

  /** A simulation ends with its process, so what ran is read back from the status that it last wrote. */
  restore(pod: Pod): boolean {
    const { status } = pod;
    const statuses = [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
      ...(status?.ephemeralContainerStatuses ?? []),
    ];
    if (!statuses.some((container) => container.containerID)) return false;
    const simulated = this.#pod(pod);
    simulated.sandbox = new SimulatedSandbox(pod, this.#simulation);
    simulated.sandbox.restore(pod.spec.hostNetwork ? [] : (status?.podIPs ?? []).map(({ ip }) => ip));
    // Empty until the volumes are set up again; what the containers had written to them is gone.
    setVolumes(pod, simulated.volumes, new Map((pod.spec.volumes ?? []).map(({ name }) => [name, undefined])));
    for (const { container, kind } of containersOf(pod)) {
      const last = statuses.find(({ name, containerID }) => name === container.name && containerID);
      if (last) simulated.containers.set(container.name, this.#restoreContainer(pod, container, kind, last));
    }
    return true;
  }

  remove(podUid: string): void {
    const pod = this.#pods.get(podUid);
    if (!pod) return;
    const { player, network } = this.#simulation;
    for (const container of pod.containers.values()) container.forget();
    for (const pull of pod.pulls.values()) player.forget(pull);
    if (pod.sandbox) player.forget(pod.sandbox);
    network.release(podUid);
    this.#pods.delete(podUid);
  }

  stop(): void {
    this.#simulation.timers.stop();
  }

  #restoreContainer(pod: Pod, container: Container, kind: ContainerKind, status: ContainerStatus): SimulatedContainer {
    const { state = {}, lastState = {}, containerID = '', restartCount } = status;
    const request = { pod, container, kind, env: {}, files: {} };
    const podIP = pod.status?.podIP ?? '';
    const mounts = fileMounts(request, this.#pod(pod).volumes);
    const make = (id: string, attempt: number, previous?: SimulatedContainer): SimulatedContainer =>
      new SimulatedContainer(
        request,
        { id, attempt, podIP, mounts, ...(previous ? { previous } : {}) },
        this.#simulation,
      );
    const ended = (made: SimulatedContainer, terminated = lastState.terminated): SimulatedContainer => {
      made.restoreExited({
        ...(terminated?.startedAt ? { startedAt: new Date(terminated.startedAt) } : {}),
        ...(terminated?.finishedAt ? { finishedAt: new Date(terminated.finishedAt) } : {}),
        exitCode: terminated?.exitCode ?? 137,
        ...(terminated?.reason ? { reason: terminated.reason } : {}),
        ...(terminated?.message ? { message: terminated.message } : {}),
      });
      return made;
    };
    // Waiting for its restart: the attempt that counts is the one that ended.
    if (!state.running && !state.terminated)
      return ended(make(lastState.terminated?.containerID ?? containerID, restartCount));
    const previous = lastState.terminated
      ? ended(make(lastState.terminated.containerID ?? '', restartCount - 1))
      : undefined;
    const current = make(containerID, restartCount, previous);
    if (state.terminated) return ended(current, state.terminated);
    if (status.resources) current.resources = status.resources;
    current.restoreRunning(new Date(state.running?.startedAt ?? this.#simulation.clock.now()), status.ready);
    return current;
  }

  #pod(pod: Pod): SimulatedPod {
    const uid = pod.metadata.uid ?? '';
    let simulated = this.#pods.get(uid);
    if (!simulated)
      this.#pods.set(
        uid,
        (simulated = {
          sandbox: undefined,
          pulls: new Map(),
          containers: new Map(),
          volumes: new Map(),
        }),
      );
    return simulated;
  }

  #dial(podUid: string, host: string, port: number): HttpHandler | undefined {
    const own = this.#pods.get(podUid);
    if (host === 'localhost' || host === '127.0.0.1' || own?.sandbox?.podIPs.includes(host))
      return this.listener(podUid, port);
    for (const [uid, pod] of this.#pods) if (pod.sandbox?.podIPs.includes(host)) return this.listener(uid, port);
    return undefined;
  }

  #networkOf(podUid: string): NetworkView {
    return {
      directory: this.#directory,
      isPod: (address) => this.#podAt(podUid, address) !== undefined,
      connect: (address, port) => {
        const found = this.#route(podUid, address, port, 'TCP');
        if (!found) return { type: 'refused' };
        const connection = this.#connect(found.pod, found.port);
        if (connection.type !== 'connected') return connection;
        const from = this.#addressOf(podUid);
        return { type: 'connected', serve: (request) => connection.serve({ from, ...request }) };
      },
      datagrams: (address, port) => {
        const found = this.#route(podUid, address, port, 'UDP');
        if (!found) return { type: 'refused' };
        if (!found.pod?.sandbox) return { type: 'silent' };
        const handler = [...found.pod.containers.values()]
          .map((container) => container.datagramListener(found.port))
          .find((each) => each !== undefined);
        const from = this.#addressOf(podUid);
        return handler ? { type: 'connected', send: (text) => handler(text, from) } : { type: 'refused' };
      },
    };
  }

  /** The pod and port that are meant; undefined where a service has nobody behind it. */
  #route(
    podUid: string,
    address: string,
    port: number,
    protocol: Protocol,
  ): { pod: SimulatedPod | undefined; port: number } | undefined {
    const behind = this.#directory?.backends(address, port, protocol);
    if (!behind) return { pod: this.#podAt(podUid, address), port };
    const chosen = this.#affinity.choose(behind, this.#addressOf(podUid));
    return chosen && { pod: this.#podAt(podUid, chosen.address), port: chosen.port };
  }

  #addressOf(podUid: string): string {
    return this.#pods.get(podUid)?.sandbox?.podIPs[0] ?? '127.0.0.1';
  }

  #podAt(podUid: string, address: string): SimulatedPod | undefined {
    const own = this.#pods.get(podUid);
    if (address === '127.0.0.1' || own?.sandbox?.podIPs.includes(address)) return own;
    for (const pod of this.#pods.values())
      if (pod.sandbox?.state === 'ready' && pod.sandbox.podIPs.includes(address)) return pod;
    return undefined;
  }

  #connect(pod: SimulatedPod | undefined, port: number): Connection {
    if (!pod?.sandbox) return { type: 'silent' };
    for (const container of pod.containers.values()) {
      const serve = container.listener(port);
      if (serve) return { type: 'connected', serve };
    }
    const isUnknownOpen = [...pod.containers.values()].some(({ state, isOpaque }) => state === 'running' && isOpaque);
    const { pod: object } = pod.sandbox;
    return isUnknownOpen && isOpenPort(object, port)
      ? { type: 'connected', serve: () => textResponse(greeting(object, port)) }
      : { type: 'refused' };
  }

  #newContainerId(): string {
    return `pilothouse://${createHash('sha256').update(this.#simulation.random.uuid()).digest('hex')}`;
  }
}
