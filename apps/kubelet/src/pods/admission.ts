import type { Node, Pod } from '@pilothouse/api';
import { requiredNodeMatcher } from '@pilothouse/controller';
import { amountOf } from './field-ref.ts';
import { hostPortsConflict } from './host-ports.ts';
import type { PodVerdict } from './pod-memory.ts';
import { podRequests } from './pod-requests.ts';
import type { Requests } from './pod-requests.ts';

/**
 * Whether the node takes a pod that is bound to it, however it came there: the scheduler may have decided on old
 * knowledge, or have been bypassed. Undefined means yes. Mirrors the kubelet's predicate admit handler.
 */
export function admitPod(
  pod: Pod,
  node: Node,
  others: readonly Requests[],
  otherPods: readonly Pod[] = [],
): PodVerdict | undefined {
  if (requiredNodeMatcher(pod)?.(node) === false) {
    return rejection(
      'NodeAffinity',
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    );
  }
  if (hostPortsConflict(pod, otherPods)) {
    return rejection(
      'NodePorts',
      "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    );
  }
  const allocatable = node.status?.allocatable ?? {};
  for (const [resource, requested] of Object.entries(podRequests(pod))) {
    if (requested === 0) continue;
    const capacity = amountOf(allocatable[resource] ?? '0');
    const used = others.reduce((sum, requests) => sum + (requests[resource] ?? 0), 0);
    if (used + requested <= capacity) continue;
    const unit = resource === 'cpu' ? 1000 : 1;
    const amounts = [requested, used, capacity].map((amount) => Math.round(amount * unit));
    return rejection(
      `OutOf${resource}`,
      `Node didn't have enough resource: ${resource}, requested: ${amounts[0]}, used: ${amounts[1]}, capacity: ${amounts[2]}`,
    );
  }
  return undefined;
}

function rejection(reason: string, why: string): PodVerdict {
  return { reason, message: `Pod was rejected: ${why}` };
}
