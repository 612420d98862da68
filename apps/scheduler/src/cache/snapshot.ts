import type { NodeInfo } from './node-info.ts';

/**
 * The cluster as one scheduling cycle sees it. A cycle is synchronous from its first filter to assuming the pod, so no
 * event can come in between, and the live NodeInfos are a consistent snapshot without a copy. What evaluates a "what
 * if" (preemption, nominated pods) clones the one node it changes.
 */
export interface Snapshot {
  /** In the order in which nodes are tried: zone by zone in turn. */
  readonly nodes: readonly NodeInfo[];
  get(nodeName: string): NodeInfo | undefined;
  /** Nodes with at least one pod that has affinity or anti-affinity. */
  nodesWithAffinityPods(): readonly NodeInfo[];
  nodesWithRequiredAntiAffinityPods(): readonly NodeInfo[];
  /** Whether any pod on any node uses the claim `namespace/name`. */
  isClaimUsed(claimKey: string): boolean;
}
