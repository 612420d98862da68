import type { Pod, Secret, ServiceAccount } from '@pilothouse/api';

export const LAST_USED = 'kubernetes.io/legacy-token-last-used';
export const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

const DAY_MS = 24 * 3_600_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** As in labels: `2026-01-31`. */
export const formatDay = (date: Date): string => date.toISOString().slice(0, 10);

export interface Unused {
  readonly now: Date;
  /** How long a token may go unused, and then how long it may be invalid. */
  readonly periodMs: number;
  /** The day since which use is written down; undefined when nobody knows. */
  readonly trackedSince: string | undefined;
}

/**
 * What is to be done with a token that was generated for an account, in upstream's old days, and that nobody uses. One
 * that somebody made on purpose, or that a pod mounts, stays whatever its age. Pure.
 */
export function planToken(
  { metadata }: Secret,
  account: ServiceAccount | undefined,
  pods: readonly Pod[],
  { now, periodMs, trackedSince }: Unused,
): 'keep' | 'invalidate' | 'delete' {
  const oldestMs = now.getTime() - periodMs;
  const oldestDay = formatDay(new Date(oldestMs));
  const { name, labels = {}, creationTimestamp, deletionTimestamp } = metadata;
  if (deletionTimestamp || Date.parse(creationTimestamp ?? '') >= oldestMs) return 'keep';
  const isGenerated = account?.secrets?.some((each) => each.name === name);
  const isMounted = pods.some(({ spec }) => spec.volumes?.some(({ secret }) => secret?.secretName === name));
  if (!isGenerated || isMounted) return 'keep';
  const lastUsed = labels[LAST_USED];
  if (lastUsed !== undefined && lastUsed >= oldestDay) return 'keep';
  // The day on which tracking began is not counted: it may have begun at its end.
  if (trackedSince === undefined || !(Date.parse(trackedSince) + DAY_MS < oldestMs)) return 'keep';
  const invalidSince = labels[INVALID_SINCE];
  if (invalidSince === undefined || !DAY.test(invalidSince)) return 'invalidate';
  return invalidSince < oldestDay ? 'delete' : 'keep';
}
