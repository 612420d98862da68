import type { LifecycleHandler } from '@pilothouse/api';
import type { ProbeTarget } from './probes/probe-target.ts';
import { runHandler } from './probes/run-handler.ts';
import type { Simulation } from './simulation.ts';

/** Upstream gives a hook the time it needs; only the grace period bounds preStop. */
const NO_LIMIT_MS = 2 ** 31 - 1;

export interface HookRun {
  readonly name: 'postStart' | 'preStop';
  readonly handler: LifecycleHandler | undefined;
  readonly target: ProbeTarget;
  readonly done: (succeeded: boolean) => void;
}

/**
 * Runs a hook to its end; what the simulation can not carry out is taken to succeed. The result cancels it.
 * https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
 */
export function runHook({ name, handler, target, done }: HookRun, simulation: Simulation): () => void {
  if (!handler) {
    done(true);
    return () => {};
  }
  const key = `hook/${name}/${target.key}`;
  return runHandler(handler, { key, timeoutMs: NO_LIMIT_MS, target }, simulation, ({ result }) =>
    done(result !== 'failure'),
  );
}
