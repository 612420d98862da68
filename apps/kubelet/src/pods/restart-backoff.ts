import type { ContainerMemory } from './pod-memory.ts';

export interface BackoffLimits {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Upstream's, for restarts and for image pulls alike: 10 s doubling to 5 min, both divided by `--speed`. */
export function backoffLimits(speed: number): BackoffLimits {
  return { initialMs: 10_000 / speed, maxMs: 300_000 / speed };
}

export type RestartDecision =
  | { readonly waitUntilMs: number; readonly delayMs: number }
  | { readonly restart: NonNullable<ContainerMemory['restart']> };

/**
 * When a container that ended may start again. The first restart is at once; each further one waits, counted from the
 * end of the attempt. A container that ran for twice the longest delay starts afresh.
 */
export function decideRestart(
  memory: ContainerMemory['restart'],
  finishedAtMs: number,
  nowMs: number,
  limits: BackoffLimits,
): RestartDecision {
  const current = memory && finishedAtMs - memory.setAtMs <= 2 * limits.maxMs ? memory : undefined;
  if (!current) return { restart: { delayMs: limits.initialMs, setAtMs: nowMs } };
  const waitUntilMs = finishedAtMs + current.delayMs;
  if (nowMs < waitUntilMs) return { waitUntilMs, delayMs: current.delayMs };
  return { restart: { delayMs: nextDelayMs(current.delayMs, limits), setAtMs: nowMs } };
}

export function nextDelayMs(delayMs: number | undefined, { initialMs, maxMs }: BackoffLimits): number {
  return delayMs === undefined ? initialMs : Math.min(delayMs * 2, maxMs);
}
