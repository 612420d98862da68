import type { Container, ContainerStatus, Pod } from '@pilothouse/api';
import { humanDuration } from '../../printing/index.ts';
import { isSidecar } from '../pod-spec/init-containers.ts';

/** The cells of a pod that are not simply a field. */
export interface PodSummary {
  /** `1/2`: ready of all containers that keep running. */
  readonly ready: string;
  readonly status: string;
  /** `0`, or `3 (5m ago)`. */
  readonly restarts: string;
}

/** What has been gathered on the way through a pod's container statuses. */
interface Walk {
  status: string;
  ready: number;
  restarts: number;
  sidecarRestarts: number;
  /** Milliseconds since the epoch of the latest end of a container that was started again. */
  lastRestartMs: number;
  lastSidecarRestartMs: number;
}

/** A pod's state in one word, as `kubectl get pods` shows it: what is keeping it from running, if anything is. */
export function summarizePod(pod: Pod, now: Date): PodSummary {
  const status = pod.status ?? {};
  const initContainers = pod.spec.initContainers ?? [];
  const total = (pod.spec.containers?.length ?? 0) + initContainers.filter(isSidecar).length;
  const gated = hasCondition(pod, 'PodScheduled', ({ reason }) => reason === 'SchedulingGated');
  const walk: Walk = {
    status: gated ? 'SchedulingGated' : status.reason || status.phase || '',
    ready: 0,
    restarts: 0,
    sidecarRestarts: 0,
    lastRestartMs: 0,
    lastSidecarRestartMs: 0,
  };
  const initializing = walkInitContainers(status.initContainerStatuses ?? [], initContainers, walk);
  if (!initializing || hasCondition(pod, 'Initialized', (condition) => condition.status === 'True')) {
    walkContainers(pod, walk);
  }
  return {
    ready: `${walk.ready}/${total}`,
    status: deletionStatus(pod) ?? walk.status,
    restarts: restartsText(walk.restarts, walk.lastRestartMs, now),
  };
}

/** Follows the init containers to the first that is not done. Returns whether there is one. */
function walkInitContainers(
  statuses: readonly ContainerStatus[],
  containers: readonly Container[],
  walk: Walk,
): boolean {
  for (const [index, status] of statuses.entries()) {
    const container = containers.find(({ name }) => name === status.name);
    const sidecar = container !== undefined && isSidecar(container);
    countRestarts(status, walk);
    if (sidecar) {
      walk.sidecarRestarts += status.restartCount ?? 0;
      walk.lastSidecarRestartMs = Math.max(walk.lastSidecarRestartMs, lastEndMs(status));
    }
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) walk.ready += 1;
      continue;
    }
    if (terminated) {
      walk.status = `Init:${terminated.reason || exitText(terminated)}`;
    } else if (waiting?.reason && waiting.reason !== 'PodInitializing') walk.status = `Init:${waiting.reason}`;
    else walk.status = `Init:${index}/${containers.length}`;
    return true;
  }
  return false;
}

/** The first container that has something to say gives the status: the walk goes backwards, the last word stays. */
function walkContainers(pod: Pod, walk: Walk): void {
  walk.restarts = walk.sidecarRestarts;
  walk.lastRestartMs = walk.lastSidecarRestartMs;
  let hasRunning = false;
  let failure: string | undefined;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    countRestarts(status, walk);
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) walk.status = waiting.reason;
    else if (terminated) {
      walk.status = terminated.reason || exitText(terminated);
      if (terminated.exitCode !== 0) failure = walk.status;
    } else if (status.ready && running) {
      hasRunning = true;
      walk.ready += 1;
    }
  }
  if (walk.status !== 'Completed') return;
  if (hasRunning && hasCondition(pod, 'Ready', ({ status }) => status === 'True')) walk.status = 'Running';
  else if (failure !== undefined) walk.status = failure;
  else if (hasRunning) walk.status = 'NotReady';
}

function countRestarts(status: ContainerStatus, walk: Walk): void {
  walk.restarts += status.restartCount ?? 0;
  walk.lastRestartMs = Math.max(walk.lastRestartMs, lastEndMs(status));
}

const lastEndMs = (status: ContainerStatus): number => {
  const finishedAt = status.lastState?.terminated?.finishedAt;
  return finishedAt ? Date.parse(finishedAt) : 0;
};

const exitText = ({ signal, exitCode }: { readonly signal?: number; readonly exitCode?: number }): string =>
  signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`;

function deletionStatus(pod: Pod): string | undefined {
  if (!pod.metadata.deletionTimestamp) return undefined;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? undefined : 'Terminating';
}

function restartsText(restarts: number, lastMs: number, now: Date): string {
  return restarts === 0 || lastMs === 0
    ? String(restarts)
    : `${restarts} (${humanDuration(now.getTime() - lastMs)} ago)`;
}

type Condition = NonNullable<NonNullable<Pod['status']>['conditions']>[number];

/** The first condition of the type decides. */
function hasCondition(pod: Pod, type: string, test: (condition: Condition) => boolean): boolean {
  const condition = pod.status?.conditions?.find((each) => each.type === type);
  return condition !== undefined && test(condition);
}
