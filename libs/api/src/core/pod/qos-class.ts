import { parseQuantity, type Quantity } from '@pilothouse/apimachinery';
import type { PodSpec, ResourceRequirements } from '@pilothouse/api';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COUNTED = ['cpu', 'memory'];

/**
 * Who is evicted first when a node runs short: those that asked for nothing, then those that may use more than they
 * asked for. https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const requests = new Map<string, Quantity>();
  const limits = new Map<string, Quantity>();
  let guaranteed = true;
  if (spec.resources) {
    add(requests, spec.resources.requests);
    const limited = add(limits, spec.resources.limits);
    if (Object.keys(spec.resources.limits ?? {}).length > 0 && limited < COUNTED.length) guaranteed = false;
  } else {
    for (const { resources } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
      add(requests, resources?.requests);
      if (add(limits, resources?.limits) < COUNTED.length) guaranteed = false;
    }
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const equal = [...requests].every(([name, request]) => limits.get(name)?.equals(request));
  return guaranteed && equal && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}

/** Adds the amounts that count; returns how many there were. */
function add(total: Map<string, Quantity>, list: ResourceRequirements['limits']): number {
  let found = 0;
  for (const name of COUNTED) {
    const text = list?.[name];
    if (text === undefined) continue;
    const amount = parseQuantity(text);
    if (amount.sign <= 0) continue;
    total.set(name, total.get(name)?.add(amount) ?? amount);
    found += 1;
  }
  return found;
}
