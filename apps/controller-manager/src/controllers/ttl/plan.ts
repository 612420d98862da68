/** How long kubelets may answer from their own copies of Secrets and ConfigMaps, in the node's annotations. */
export const TTL_ANNOTATION = 'node.alpha.kubernetes.io/ttl';

/** The ranges overlap, so that a cluster at a border does not change its mind with each node. */
const STEPS: readonly { readonly from: number; readonly to: number; readonly seconds: number }[] = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Infinity, seconds: 300 },
];

/** The step for so many nodes, coming from `step`. Mirrors pkg/controller/ttl. */
export function planStep(step: number, nodeCount: number): number {
  let next = step;
  while (nodeCount > STEPS[next]!.to) next++;
  while (nodeCount < STEPS[next]!.from) next--;
  return next;
}

export const secondsOf = (step: number): number => STEPS[step]!.seconds;
