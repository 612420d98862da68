import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '@pilothouse/api';
import { amountOf } from './field-ref.ts';
import type { PodVerdict } from './pod-memory.ts';
import { podRequests } from './pod-requests.ts';
import type { Requests } from './pod-requests.ts';

/**
 * Whether the node takes a pod that is bound to it, however it came there: the scheduler may have decided on old
 * knowledge, or have been bypassed. Undefined means yes. Mirrors the kubelet's predicate admit handler.
 */
export function admitPod(pod: Pod, node: Node, others: readonly Requests[]): PodVerdict | undefined {
  if (!matchesNode(pod, node)) {
    return rejection(
      'NodeAffinity',
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
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

function matchesNode(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (!required ||
      (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, labels, node.metadata.name ?? '')))
  );
}

/** An empty term matches nothing. */
function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  labels: Record<string, string>,
  name: string,
): boolean {
  return (
    matchExpressions.length + matchFields.length > 0 &&
    matchExpressions.every((requirement) => satisfies(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => requirement.key === 'metadata.name' && satisfies(requirement, name))
  );
}

function satisfies({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
