import type { Node, Pod } from '@pilothouse/api';
import { requiredNodeMatcher } from '@pilothouse/controller';
import { hostPortsConflict } from './host-ports.ts';
import { firstLack } from './node-room.ts';
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
  const lack = firstLack(podRequests(pod), { allocatable: node.status?.allocatable ?? {}, others });
  return lack && rejection(`OutOf${lack.resource}`, lack.message);
}

function rejection(reason: string, why: string): PodVerdict {
  return { reason, message: `Pod was rejected: ${why}` };
}
