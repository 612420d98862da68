import type { ContainerStatus } from '@pilothouse/api';
import { containersOf } from '../pods/pod-containers.ts';
import type { PodManager } from '../pods/pod-manager.ts';
import type { PodWorker } from '../pods/pod-worker.ts';
import type { SimulatedContainer } from '../runtime/simulated-container.ts';
import type { SimulatedRuntime } from '../runtime/simulated-runtime.ts';
import { HttpError } from './http-error.ts';

/** What requests look into. */
export interface ServedPods {
  readonly podManager: PodManager;
  readonly runtime: SimulatedRuntime;
}

export function findPod({ podManager }: ServedPods, namespace: string, name: string): PodWorker {
  const worker = podManager.find(namespace, name);
  if (!worker) throw new HttpError(404, `pod "${name}" does not exist`);
  return worker;
}

/** The container whose log to read, or the id of one whose log went with an earlier kubelet process. Refusals are worded as upstream's validateContainerLogStatus words them. */
export function findLogged(
  pods: ServedPods,
  namespace: string,
  podName: string,
  containerName: string,
  previous: boolean,
): SimulatedContainer | { readonly lostId: string } {
  const worker = findPod(pods, namespace, podName);
  if (!containersOf(worker.pod).some(({ container }) => container.name === containerName)) {
    throw new HttpError(404, `container "${containerName}" not found in pod "${podName}"`);
  }
  const container = pods.runtime.container(worker.uid, containerName);
  if (previous) {
    // Between two attempts the one that ended is the previous one.
    const ended =
      container?.previous ??
      (container?.state === 'exited' && isWaiting(worker, containerName) ? container : undefined);
    if (!ended)
      throw new HttpError(400, `previous terminated container "${containerName}" in pod "${podName}" not found`);
    return ended as SimulatedContainer;
  }
  if (container && (container.state !== 'created' || container.previous)) {
    return (container.state === 'created' ? container.previous : container) as SimulatedContainer;
  }
  const lostId = statusOf(worker, containerName)?.state?.terminated?.containerID;
  if (lostId) return { lostId };
  const reason = statusOf(worker, containerName)?.state?.waiting?.reason ?? 'ContainerCreating';
  const why: Record<string, string> = {
    ErrImagePull: "image can't be pulled",
    ImagePullBackOff: 'trying and failing to pull image',
  };
  throw new HttpError(
    400,
    `container "${containerName}" in pod "${podName}" is waiting to start: ${why[reason] ?? reason}`,
  );
}

/** The running container in which to run a command, or to which to attach. */
export function findRunning(
  pods: ServedPods,
  namespace: string,
  podName: string,
  containerName: string,
): SimulatedContainer {
  const worker = findPod(pods, namespace, podName);
  const container = pods.runtime.container(worker.uid, containerName);
  if (!container || (container.state !== 'running' && container.state !== 'stopping')) {
    throw new HttpError(404, `container not found ("${containerName}")`);
  }
  return container;
}

function statusOf(worker: PodWorker, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = worker.status;
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find(
    (status) => status.name === name,
  );
}

function isWaiting(worker: PodWorker, name: string): boolean {
  return statusOf(worker, name)?.state?.waiting !== undefined;
}
