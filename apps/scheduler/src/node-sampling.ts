const MIN_FEASIBLE_NODES = 100;
const MIN_PERCENTAGE = 5;

/**
 * How many nodes that fit are enough: in a large cluster the best of a few hundred is as good as the best of all, and
 * much faster found. All of fewer than 100; else a percentage, by default falling from 50 % to 5 % as the cluster grows.
 *
 * See https://kubernetes.io/docs/concepts/scheduling-eviction/scheduler-perf-tuning/.
 */
export function numFeasibleNodesToFind(nodeCount: number, percentageOfNodesToScore: number): number {
  if (nodeCount < MIN_FEASIBLE_NODES) return nodeCount;
  const percentage = percentageOfNodesToScore || Math.max(50 - Math.trunc(nodeCount / 125), MIN_PERCENTAGE);
  return Math.max(Math.trunc((nodeCount * percentage) / 100), MIN_FEASIBLE_NODES);
}

/** Where the search for nodes begins: each one goes on where the last ended, so that all nodes get their turn. */
export class NodeCursor {
  #start = 0;

  get start(): number {
    return this.#start;
  }

  advance(lookedAt: number, nodeCount: number): void {
    this.#start = nodeCount === 0 ? 0 : (this.#start + lookedAt) % nodeCount;
  }
}
