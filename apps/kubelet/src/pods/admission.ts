import { type Node, type Pod, qosClassOf } from '@pilothouse/api';
import { requiredNodeMatcher, toleratesTaint } from '@pilothouse/controller';
import { isCritical } from '../eviction/plan-eviction.ts';
import { type Pressure, pressuresOf } from '../node/pressure.ts';
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
  const pressures = pressuresOf(node);
  if (pressures.length > 0 && !mayEnter(pod, pressures)) {
    const conditions = pressures.map(({ condition }) => condition).join(' ');
    return rejection('Evicted', `The node had condition: [${conditions}]. `);
  }
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

/** Only memory can be short and still left to those who have asked for some, or say that they can bear it. */
function mayEnter(pod: Pod, pressures: readonly Pressure[]): boolean {
  if (isCritical(pod)) return true;
  if (pressures.some(({ name }) => name !== 'memory')) return false;
  const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };
  return qosClassOf(pod.spec) !== 'BestEffort' || toleratesTaint(pod.spec.tolerations, taint);
}

function rejection(reason: string, why: string): PodVerdict {
  return { reason, message: `Pod was rejected: ${why}` };
}
