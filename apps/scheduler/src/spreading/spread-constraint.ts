import { selectorFromLabelSelector, type Selector } from '@pilothouse/apimachinery';
import type { Node, Pod, TopologySpreadConstraint } from '@pilothouse/api';
import type { NodeInfo } from '../cache/node-info.ts';
import { requiredNodeMatcher, type NodeMatcher } from '@pilothouse/controller';
import { findUntoleratedTaint } from '@pilothouse/controller';

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

export type WhenUnsatisfiable = 'DoNotSchedule' | 'ScheduleAnyway';

/** A topology spread constraint of a pod, ready to match. */
export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: Selector;
  readonly minDomains: number;
  readonly honorsNodeAffinity: boolean;
  readonly honorsNodeTaints: boolean;
}

/** The pod's own constraints of one kind. Its labels named by matchLabelKeys narrow the selector. */
export function ownConstraints(pod: Pod, kind: WhenUnsatisfiable): SpreadConstraint[] {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter((constraint) => constraint.whenUnsatisfiable === kind)
    .map((constraint) => compileConstraint(constraint, selectorFromLabelSelector(withMatchLabelKeys(pod, constraint))));
}

/** The profile's constraints of one kind for pods that have none; they share the selector of the pod's workload. */
export function defaultConstraints(
  defaults: readonly TopologySpreadConstraint[],
  kind: WhenUnsatisfiable,
  selector: Selector,
): SpreadConstraint[] {
  if (selector.isEverything) return [];
  return defaults
    .filter((constraint) => constraint.whenUnsatisfiable === kind)
    .map((constraint) => compileConstraint(constraint, selector));
}

function compileConstraint(constraint: TopologySpreadConstraint, selector: Selector): SpreadConstraint {
  return {
    maxSkew: constraint.maxSkew,
    topologyKey: constraint.topologyKey,
    selector,
    minDomains: constraint.minDomains ?? 1,
    honorsNodeAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorsNodeTaints: constraint.nodeTaintsPolicy === 'Honor',
  };
}

function withMatchLabelKeys(pod: Pod, { labelSelector, matchLabelKeys }: TopologySpreadConstraint) {
  const labels = pod.metadata.labels ?? {};
  const keys = (matchLabelKeys ?? []).filter((key) => labels[key] !== undefined);
  if (!labelSelector || keys.length === 0) return labelSelector;
  const added = keys.map((key) => ({ key, operator: 'In', values: [labels[key]!] }));
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...added] };
}

export function hasAllTopologyKeys(
  labels: Readonly<Record<string, string>>,
  constraints: readonly SpreadConstraint[],
): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

/** Whether the node counts for the constraint: by default only nodes that the pod's node affinity allows. */
export function nodeInclusion(pod: Pod): (constraint: SpreadConstraint, node: Node) => boolean {
  const required: NodeMatcher | undefined = requiredNodeMatcher(pod);
  return (constraint, node) => {
    if (constraint.honorsNodeAffinity && required && !required(node)) return false;
    return !constraint.honorsNodeTaints || !findUntoleratedTaint(node.spec.taints, pod.spec.tolerations);
  };
}

/** Pods of the namespace on the node that the selector matches, terminating ones left out. */
export function countMatchingPods(node: NodeInfo, selector: Selector, namespace: string): number {
  let count = 0;
  for (const { pod, count: pods } of node.podGroups.values()) {
    const { metadata } = pod;
    if (
      metadata.deletionTimestamp === undefined &&
      metadata.namespace === namespace &&
      selector.matches(metadata.labels)
    ) {
      count += pods;
    }
  }
  return count;
}
