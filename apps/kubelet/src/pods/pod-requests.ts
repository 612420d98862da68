import type { Pod } from '@pilothouse/api';
import { amountOf } from './field-ref.ts';
import { isSidecar } from './pod-containers.ts';

/** What a pod needs of a node, in cores, bytes or pieces; `pods` is 1. */
export type Requests = Readonly<Record<string, number>>;

/**
 * The sum of what runs together, or an init container's need beside the sidecars started before it, whichever is
 * more. https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
export function podRequests(pod: Pod): Requests {
  const { containers, initContainers = [], overhead, resources } = pod.spec;
  const together = new Map<string, number>();
  for (const { resources: own } of containers) add(together, own?.requests);
  const sidecars = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const container of initContainers) {
    if (isSidecar(container)) {
      add(together, container.resources?.requests);
      add(sidecars, container.resources?.requests);
    }
    const beside = new Map(sidecars);
    if (!isSidecar(container)) add(beside, container.resources?.requests);
    for (const [name, amount] of beside) peak.set(name, Math.max(peak.get(name) ?? 0, amount));
  }
  for (const [name, amount] of peak) together.set(name, Math.max(together.get(name) ?? 0, amount));
  for (const [name, amount] of Object.entries(resources?.requests ?? {})) together.set(name, amountOf(amount));
  add(together, overhead);
  return { ...Object.fromEntries(together), pods: 1 };
}

function add(sum: Map<string, number>, requests: Readonly<Record<string, string>> = {}): void {
  for (const [name, amount] of Object.entries(requests)) sum.set(name, (sum.get(name) ?? 0) + amountOf(amount));
}
