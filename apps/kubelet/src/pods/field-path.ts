import type { PodContainer } from './pod-containers.ts';

/** `spec.containers{web}`: how an event names the container it is about. */
export function fieldPathOf({ container, kind }: PodContainer): string {
  const list = kind === 'regular' ? 'containers' : kind === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
  return `spec.${list}{${container.name}}`;
}
