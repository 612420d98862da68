import type { Container, Pod, ResourceRequirements } from '@pilothouse/api';
import type { ContainerLog } from './container-log.ts';

/**
 * What the pod workers need of a container runtime. Commands return at once; what came of them is in `state`, and
 * `onChange` says when to look again. The simulated runtime is one implementation; a client of the container runtime
 * interface (CRI v1) fits behind it: it would run each command's call and refresh `state` when it is answered.
 */
export interface ContainerRuntime {
  /** As in `nodeInfo.containerRuntimeVersion`: `pilothouse://0.1.0`. */
  readonly version: string;
  state(podUid: string): PodRuntimeState | undefined;
  onChange(listener: (podUid: string) => void): void;
  onEvent(listener: (event: RuntimeEvent) => void): void;

  createSandbox(pod: Pod): void;
  stopSandbox(podUid: string): void;
  pullImage(pod: Pod, container: Container, kind: ContainerKind): void;
  /** What the volumes of a pod hold that are made from other objects; the rest is the containers' to fill. */
  setVolumes(pod: Pod, volumes: ReadonlyMap<string, VolumeFiles>): void;
  startContainer(request: StartContainerRequest): void;
  /** Gives a running container other limits; asked again for the same, it does nothing more. */
  resizeContainer(podUid: string, containerName: string, resources: ResourceRequirements): void;
  stopContainer(podUid: string, containerName: string, gracePeriodMs: number): void;
  /** Labels and annotations of the pod may have changed. */
  updatePod(pod: Pod): void;
  /** Takes over what ran before this process started. False when nothing of the pod is left. */
  restore(pod: Pod): boolean;
  /** Forgets the pod, its logs and its address. */
  remove(podUid: string): void;
  hasImage(nodeName: string, image: string): boolean;
  stop(): void;
}

/** The files of one volume, by path inside it; undefined for a volume that the containers fill themselves. */
export type VolumeFiles = Readonly<Record<string, string>> | undefined;

export type ContainerKind = 'init' | 'sidecar' | 'regular' | 'ephemeral';

export interface StartContainerRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly kind: ContainerKind;
  readonly env: Readonly<Record<string, string>>;
  /** The container's own files when it starts, by absolute path. */
  readonly files: Readonly<Record<string, string>>;
}

export interface PodRuntimeState {
  readonly sandbox: SandboxState | undefined;
  /** The newest pull for each container, by the container's name. */
  readonly pulls: ReadonlyMap<string, ImagePullState>;
  /** The newest attempt of each container, by name. */
  readonly containers: ReadonlyMap<string, ContainerState>;
}

export interface SandboxState {
  readonly state: 'creating' | 'ready' | 'stopping' | 'stopped';
  /** Empty for a pod in the host's network. */
  readonly podIPs: readonly string[];
}

export interface ImagePullState {
  readonly state: 'pulling' | 'pulled' | 'failed';
  readonly image: string;
  readonly startedAtMs: number;
  readonly finishedAtMs?: number;
  readonly sizeBytes: number;
  readonly message?: string;
}

export interface ContainerState {
  /** `pilothouse://<64 hex digits>`. */
  readonly id: string;
  readonly name: string;
  readonly kind: ContainerKind;
  /** The n-th restart; 0 is the first start. */
  readonly attempt: number;
  readonly image: string;
  readonly imageId: string;
  /** `stopping` is still running to the API. */
  readonly state: 'created' | 'running' | 'stopping' | 'exited';
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  /** What it runs with, which may be about to change. */
  readonly resources: ResourceRequirements;
  /** What the startup and the readiness probe last found. */
  readonly started: boolean;
  readonly ready: boolean;
  /** The attempt before this one. */
  readonly previous?: ContainerState;
  /** Why a running container has to be stopped and, where its policy says so, started again. */
  readonly fatal?: 'liveness' | 'startup' | 'postStart' | undefined;
  readonly log: ContainerLog;
}

export interface RuntimeEvent {
  readonly podUid: string;
  readonly containerName?: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}
