import { readArgs } from '../config/plugin-args.ts';
import { getAmount } from '../cache/resource-amounts.ts';
import { MAX_NODE_SCORE, type PluginFactory } from '../framework/plugin.ts';
import { SKIP } from '../framework/status.ts';
import { allocationsOf, type Allocation } from '../scoring/resource-allocation.ts';
import { weightedResources } from './node-resources-fit.ts';

interface NodeResourcesBalancedAllocationArgs {
  resources?: readonly { name: string; weight?: number }[];
}

/** Prefers nodes on which the pod would leave the resources about equally used, so that none runs out long before the others. */
export const nodeResourcesBalancedAllocation: PluginFactory = {
  name: 'NodeResourcesBalancedAllocation',
  build(args) {
    const config = readArgs<NodeResourcesBalancedAllocationArgs>('NodeResourcesBalancedAllocationArgs', args, [
      'resources',
    ]);
    const resources = weightedResources(config.resources);
    return {
      name: 'NodeResourcesBalancedAllocation',
      preScore(_state, pod) {
        // A pod that asks for nothing changes no balance; scored all the same, such pods would pile up on one node.
        return resources.every(({ name }) => getAmount(pod.requests, name) === 0) ? SKIP : undefined;
      },
      score(_state, pod, node) {
        return balanceScore(allocationsOf(pod, node, resources, false));
      },
    };
  },
};

/** 100 less the standard deviation of the used fractions, in percent. */
export function balanceScore(allocations: readonly Allocation[]): number {
  const fractions = allocations.map(({ requested, allocatable }) => Math.min(requested / allocatable, 1));
  const mean = fractions.reduce((sum, fraction) => sum + fraction, 0) / (fractions.length || 1);
  let deviation = 0;
  if (fractions.length === 2) deviation = Math.abs((fractions[0]! - fractions[1]!) / 2);
  else if (fractions.length > 2) {
    deviation = Math.sqrt(fractions.reduce((sum, fraction) => sum + (fraction - mean) ** 2, 0) / fractions.length);
  }
  return Math.trunc((1 - deviation) * MAX_NODE_SCORE);
}
