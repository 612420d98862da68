import type { Container, ObjectFields, PodSpec } from './pod-parts.ts';

/** Why a pod is not allowed: `privileged (container "a" must not set securityContext.privileged=true)`. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** One requirement of a pod security standard. Pure. Upstream: k8s.io/pod-security-admission/policy. */
export interface PodSecurityCheck {
  /** Checks run in the order of their ids. */
  readonly id: string;
  /**
   * The minor version from which on it is part of the standard; from the beginning unless told. Of several with one id the
   * newest that a version knows counts.
   */
  readonly since?: number;
  /** The baseline check that this one makes needless. */
  readonly replaces?: string;
  check(spec: PodSpec, metadata: ObjectFields): Violation | undefined;
}

export const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');

export const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many);

/** `container "a"`, `containers "a", "b"` */
export const containersNamed = (containers: readonly Container[]): string =>
  `${plural('container', 'containers', containers.length)} ${quoted(containers.map(({ name }) => name))}`;

/** `pod`, `container "a"`, `pod and containers "a", "b"`: who set something that nobody may. */
export function setters(pod: boolean, containers: readonly Container[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containersNamed(containers)] : [])].join(' and ');
}

export const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();

/** The same check, from a later version on without the pods that it does not concern. */
export function relaxed(
  checks: readonly PodSecurityCheck[],
  id: string,
  since: number,
  isExempt: (spec: PodSpec) => boolean,
): PodSecurityCheck {
  const before = checks.find((each) => each.id === id)!;
  return { ...before, since, check: (spec, metadata) => (isExempt(spec) ? undefined : before.check(spec, metadata)) };
}
