import type { ContainerStateTerminated, ContainerStatus, Pod } from '@pilothouse/api';
import { containersOf, shouldRestart } from './pod-containers.ts';
import type { PodContainer } from './pod-containers.ts';

/**
 * The phase that the containers' states amount to, as upstream's getPhase decides it.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase
 */
export function phaseOf(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  { terminal, initialized }: { readonly terminal: boolean; readonly initialized: boolean },
): string {
  const targets = containersOf(pod);
  const statusOf = ({ container }: PodContainer): ContainerStatus | undefined =>
    statuses.find(({ name }) => name === container.name);
  const init = targets.filter(({ kind }) => kind === 'init').map((target) => progress(pod, target, statusOf(target)));
  if (init.includes('failed')) return 'Failed';
  const sidecars = targets.filter(({ kind }) => kind === 'sidecar').map(statusOf);
  const sidecarPending = sidecars.some((status) => !status?.started && !endOf(status));
  const regular = targets.filter(({ kind }) => kind === 'regular');
  const states = regular.map((target) => progress(pod, target, statusOf(target)));

  const phase = ((): string => {
    if (init.some((state) => state === 'waiting' || state === 'running')) return 'Pending';
    if (sidecarPending && !initialized) return 'Pending';
    if (states.includes('waiting')) return 'Pending';
    if (states.includes('running') || sidecars.some((status) => status?.state?.running)) return 'Running';
    if (!terminal && states.includes('restarting')) return 'Running';
    return regular.every((target) => endOf(statusOf(target))?.exitCode === 0) ? 'Succeeded' : 'Failed';
  })();
  // A pod that is over without having come to its end has failed, wherever it was.
  return terminal && (phase === 'Pending' || phase === 'Running') ? 'Failed' : phase;
}

type Progress = 'waiting' | 'running' | 'restarting' | 'succeeded' | 'failed';

function progress(pod: Pod, target: PodContainer, status: ContainerStatus | undefined): Progress {
  if (status?.state?.running) return 'running';
  const ended = endOf(status);
  if (!ended) return 'waiting';
  if (shouldRestart(pod, target, ended.exitCode)) return 'restarting';
  return ended.exitCode === 0 ? 'succeeded' : 'failed';
}

/** One that waits after an earlier attempt is judged by how that ended. */
function endOf(status: ContainerStatus | undefined): ContainerStateTerminated | undefined {
  return status?.state?.terminated ?? (status?.state?.running ? undefined : status?.lastState?.terminated);
}
