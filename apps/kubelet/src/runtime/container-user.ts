import type { Container, Pod } from '@pilothouse/api';

/** As whom the processes of a container run. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** Besides the primary one. */
  readonly groups: readonly number[];
}

/**
 * What a container says goes before what its pod says. Images are taken to run as root.
 * https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 */
export function containerUser({ spec }: Pod, { securityContext }: Container): ContainerUser {
  const { runAsUser, runAsGroup, supplementalGroups = [], fsGroup } = spec.securityContext ?? {};
  return {
    uid: securityContext?.runAsUser ?? runAsUser ?? 0,
    gid: securityContext?.runAsGroup ?? runAsGroup ?? 0,
    groups: [...new Set([...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])])],
  };
}
