import type {
  Container,
  ContainerState as ApiState,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
  VolumeMountStatus,
} from '@pilothouse/api';
import type { ContainerState } from '../runtime/container-runtime.ts';
import type { PodContainer } from './pod-containers.ts';
import { timestamp } from './pod-containers.ts';
import type { ContainerMemory } from './pod-memory.ts';

export interface ContainerStatusInput {
  readonly pod: Pod;
  readonly target: PodContainer;
  readonly running: ContainerState | undefined;
  readonly memory: ContainerMemory | undefined;
  /** Everything has stopped for good. */
  readonly finished: boolean;
  /** Its turn had come, and yet it never ran: counts as failed once everything has stopped. */
  readonly lost: boolean;
}

/** `status.containerStatuses[…]` of one container, whatever its kind. */
export function containerStatus({
  pod,
  target,
  running,
  memory,
  finished,
  lost,
}: ContainerStatusInput): ContainerStatus {
  const { container, kind } = target;
  const waiting: ApiState = { waiting: memory?.waiting ?? { reason: defaultWaitingReason(pod) } };
  const mounts = volumeMounts(container);
  if (!running || (running.state === 'created' && !running.previous)) {
    return {
      name: container.name,
      state: lost ? { terminated: NEVER_LOCATED } : waiting,
      lastState: {},
      ready: false,
      restartCount: 0,
      image: container.image ?? '',
      imageID: '',
      started: false,
      ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    };
  }
  const { state, lastState } = statesOf(running, waiting, memory, finished);
  const shown = running.state === 'created' ? running.previous! : running;
  const { requests } = container.resources ?? {};
  return {
    name: container.name,
    state,
    lastState,
    ready: isReady(target, state, running),
    restartCount: shown.attempt,
    image: shown.image,
    imageID: shown.imageId,
    containerID: shown.id,
    // Nobody probes an ephemeral container.
    ...(kind === 'ephemeral' ? {} : { started: state.running !== undefined && running.started }),
    ...(requests && Object.keys(requests).length > 0 ? { allocatedResources: requests } : {}),
    // What does not run will have what was granted from its next start on.
    resources: (state.running ? running.resources : container.resources) ?? {},
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    user: { linux: linuxUser(pod, container) },
  };
}

const NEVER_LOCATED: ContainerStateTerminated = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
  startedAt: null,
  finishedAt: null,
};

function isReady({ kind }: PodContainer, state: ApiState, { ready }: ContainerState): boolean {
  if (kind === 'ephemeral') return false;
  return kind === 'init' ? state.terminated?.exitCode === 0 : state.running !== undefined && ready;
}

/** Every container of a pod with init containers says so until its turn has come. */
function defaultWaitingReason(pod: Pod): string {
  return pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating';
}

function statesOf(
  running: ContainerState,
  waiting: ApiState,
  memory: ContainerMemory | undefined,
  finished: boolean,
): { state: ApiState; lastState: ApiState } {
  const earlier = running.previous ? { terminated: terminatedState(running.previous) } : {};
  switch (running.state) {
    case 'created':
      return { state: waiting, lastState: earlier };
    case 'running':
    case 'stopping':
      return { state: { running: { startedAt: timestamp(running.startedAt!) } }, lastState: earlier };
    case 'exited': {
      const terminated = { terminated: terminatedState(running) };
      // A restart that has to wait hides the exit behind its reason, as `kubectl get pods` shows it.
      return memory?.waiting && !finished
        ? { state: waiting, lastState: terminated }
        : { state: terminated, lastState: earlier };
    }
  }
}

function terminatedState({
  exitCode = 0,
  reason,
  message,
  startedAt,
  finishedAt,
  id,
}: ContainerState): ContainerStateTerminated {
  return {
    exitCode,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    startedAt: startedAt ? timestamp(startedAt) : null,
    finishedAt: finishedAt ? timestamp(finishedAt) : null,
    containerID: id,
  };
}

function volumeMounts(container: Container): VolumeMountStatus[] {
  return (container.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
  }));
}

function linuxUser(
  pod: Pod,
  { securityContext }: Container,
): { uid: number; gid: number; supplementalGroups?: number[] } {
  const ofPod = pod.spec.securityContext;
  const gid = securityContext?.runAsGroup ?? ofPod?.runAsGroup ?? 0;
  const groups = [gid, ...(ofPod?.fsGroup === undefined ? [] : [ofPod.fsGroup]), ...(ofPod?.supplementalGroups ?? [])];
  return { uid: securityContext?.runAsUser ?? ofPod?.runAsUser ?? 0, gid, supplementalGroups: [...new Set(groups)] };
}
