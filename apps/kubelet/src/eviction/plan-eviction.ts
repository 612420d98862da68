import { parseQuantity } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { Pressure } from '../node/pressure.ts';
import { amountOf } from '../pods/field-ref.ts';
import type { PodVerdict } from '../pods/pod-memory.ts';

/** From this priority on the kubelet's own eviction leaves a pod alone. */
const SYSTEM_CRITICAL = 2_000_000_000;

/** What a node has left when it is short of memory: half of upstream's default threshold. */
const MEMORY_LEFT = 'Threshold quantity: 100Mi, available: 50Mi. ';

export interface Candidate {
  readonly pod: Pod;
  /** By container. */
  readonly memoryBytes: ReadonlyMap<string, number>;
}

/**
 * The pod that goes next for want of something: first who takes more than it asked for, then the less important, then
 * who takes most beyond its request. https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#pod-selection-for-kubelet-eviction
 */
export function nextVictim<C extends Candidate>(candidates: readonly C[]): C | undefined {
  return candidates
    .filter(({ pod }) => !isCritical(pod))
    .map((candidate) => ({ candidate, excess: excessOf(candidate) }))
    .sort(
      (a, b) =>
        Number(b.excess > 0) - Number(a.excess > 0) ||
        (a.candidate.pod.spec.priority ?? 0) - (b.candidate.pod.spec.priority ?? 0) ||
        b.excess - a.excess,
    )[0]?.candidate;
}

export function evictionOf({ pod, memoryBytes }: Candidate, { resource }: Pressure): PodVerdict {
  let message = `The node was low on resource: ${resource}. `;
  if (resource === 'memory') {
    message += MEMORY_LEFT;
    for (const { name, resources } of pod.spec.containers) {
      const used = memoryBytes.get(name) ?? 0;
      const request = resources?.requests?.['memory'];
      if (used <= (request === undefined ? 0 : amountOf(request))) continue;
      message += `Container ${name} was using ${inKi(used)}, request is ${request ?? 0}, has larger consumption of ${resource}. `;
    }
  }
  return { reason: 'Evicted', message };
}

export function isCritical({ metadata, spec }: Pod): boolean {
  const isMirror = metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  return isMirror || (spec.priority ?? 0) >= SYSTEM_CRITICAL;
}

/** Memory taken beyond what was asked for. */
function excessOf({ pod, memoryBytes }: Candidate): number {
  const requested = pod.spec.containers.reduce((sum, { resources }) => {
    const request = resources?.requests?.['memory'];
    return sum + (request === undefined ? 0 : amountOf(request));
  }, 0);
  return [...memoryBytes.values()].reduce((sum, bytes) => sum + bytes, 0) - requested;
}

const inKi = (bytes: number): string => parseQuantity(`${Math.ceil(bytes / 1024)}Ki`).toString();
