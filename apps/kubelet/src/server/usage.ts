import type { Container, Pod } from '@pilothouse/api';
import { amountOf } from '../pods/field-ref.ts';
import { containersOf } from '../pods/pod-containers.ts';
import type { PodWorker } from '../pods/pod-worker.ts';
import { podFact } from '../runtime/pod-facts.ts';
import type { SimulatedRuntime } from '../runtime/simulated-runtime.ts';

/** What a running container is said to use. */
export interface Usage {
  readonly name: string;
  readonly cores: number;
  /** Core seconds since its start. */
  readonly coreSeconds: number;
  readonly memoryBytes: number;
  readonly startedAt: Date;
}

const IDLE_CORES = 0.001;
const IDLE_BYTES = 16 * 1024 * 1024;

/**
 * Usage is what the annotations `cpu-usage` and `memory-usage` say, else half of the request: enough for a metrics
 * server and an autoscaler to work with.
 */
export function podUsage({ uid, pod }: PodWorker, runtime: SimulatedRuntime, now: Date): Usage[] {
  return containersOf(pod).flatMap(({ container, kind }): Usage[] => {
    const state = runtime.state(uid)?.containers.get(container.name);
    if (!state?.startedAt || (state.state !== 'running' && state.state !== 'stopping')) return [];
    const said = (name: string): string | undefined =>
      podFact(pod, { name: container.name, kind }, `annotation.${name}`);
    const cores = amountOrDefault(said('cpu-usage'), container, 'cpu', IDLE_CORES);
    const memoryBytes = Math.round(amountOrDefault(said('memory-usage'), container, 'memory', IDLE_BYTES));
    const seconds = Math.max(0, now.getTime() - state.startedAt.getTime()) / 1000;
    return [{ name: container.name, cores, coreSeconds: cores * seconds, memoryBytes, startedAt: state.startedAt }];
  });
}

function amountOrDefault(said: string | undefined, container: Container, resource: string, idle: number): number {
  try {
    if (said !== undefined) return amountOf(said);
  } catch {
    // An annotation that is no quantity says nothing.
  }
  const request = container.resources?.requests?.[resource];
  return request === undefined ? idle : amountOf(request) / 2;
}

export function labelsOf(pod: Pod): string {
  return `namespace="${pod.metadata.namespace}",pod="${pod.metadata.name}"`;
}
