import type { Container, Pod } from '@pilothouse/api';
import type { ContainerKind } from '../runtime/container-runtime.ts';

export interface PodContainer {
  readonly container: Container;
  readonly kind: ContainerKind;
}

/** An init container that restarts is a sidecar. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** All containers of a pod in the order in which they start. */
export function containersOf(pod: Pod): PodContainer[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [
    ...initContainers.map((container): PodContainer => ({
      container,
      kind: isSidecar(container) ? 'sidecar' : 'init',
    })),
    ...containers.map((container): PodContainer => ({ container, kind: 'regular' })),
    ...ephemeralContainers.map((container): PodContainer => ({ container: container as Container, kind: 'ephemeral' })),
  ];
}

/** Whether a container that ended with this code runs again: its own policy and rules before the pod's. KEP-5307. */
export function shouldRestart(pod: Pod, { container, kind }: PodContainer, exitCode: number): boolean {
  if (kind === 'ephemeral') return false;
  if (kind === 'sidecar') return true;
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const listed = exitCodes?.values?.includes(exitCode) ?? false;
    if (action === 'Restart' && exitCodes && listed === (exitCodes.operator === 'In')) return true;
  }
  switch (container.restartPolicy ?? pod.spec.restartPolicy) {
    case 'Never':
      return false;
    case 'OnFailure':
      return exitCode !== 0;
    default:
      // For an init container "Always" means: until it has succeeded.
      return kind === 'regular' || exitCode !== 0;
  }
}

/** Kubelets write timestamps to the second. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
