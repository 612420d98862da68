import type { Container, EphemeralContainer, PodSpec } from '@pilothouse/api';

export type { Container, PodSpec };

export interface ObjectFields {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Every container of a pod, in the order in which upstream visits them. */
export function containersOf(spec: PodSpec): readonly Container[] {
  const ephemeral = (spec.ephemeralContainers ?? []) as readonly EphemeralContainer[];
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(ephemeral as unknown as Container[])];
}

/** Pods whose users are their own: root in them is nobody on the node. */
export const hasOwnUsers = (spec: PodSpec): boolean => spec.hostUsers === false;

/** Standards about Linux' security do not concern pods that say they are for Windows. */
export const isForWindows = (spec: PodSpec): boolean => spec.os?.name === 'windows';
