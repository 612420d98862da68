import type { Node, Pod } from '@pilothouse/api';
import type { NodeInfo } from '../cache/node-info.ts';
import { podRequests } from '../cache/pod-requests.ts';
import { amountOf, amountsOf, getAmount, type ResourceAmounts } from '../cache/resource-amounts.ts';
import { readArgs } from '../config/plugin-args.ts';
import { Action } from '../framework/cluster-event.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { Status } from '../framework/status.ts';
import { allocationsOf, DEFAULT_RESOURCES, type WeightedResource } from '../scoring/resource-allocation.ts';
import {
  leastAllocated,
  mostAllocated,
  requestedToCapacityRatio,
  type ScoringStrategy,
  type ShapePoint,
} from '../scoring/scoring-strategy.ts';

interface NodeResourcesFitArgs {
  /** Extended resources that the filter does not count, by name or by the group before the slash. */
  ignoredResources?: readonly string[];
  ignoredResourceGroups?: readonly string[];
  scoringStrategy?: {
    type?: string;
    resources?: readonly { name: string; weight?: number }[];
    requestedToCapacityRatio?: { shape?: readonly ShapePoint[] };
  };
}

/** Keeps pods off nodes that have not enough left of what they ask for, and prefers (by default) nodes with much left. */
export const nodeResourcesFit: PluginFactory = {
  name: 'NodeResourcesFit',
  build(args) {
    const fields = ['ignoredResources', 'ignoredResourceGroups', 'scoringStrategy'] as const;
    const config = readArgs<NodeResourcesFitArgs>('NodeResourcesFitArgs', args, fields);
    const ignores = ignoredBy(config);
    const resources = weightedResources(config.scoringStrategy?.resources);
    const strategy = strategyOf(config.scoringStrategy);

    return {
      name: 'NodeResourcesFit',
      filter(_state, pod, node) {
        return rejection(pod.requests, node, ignores);
      },
      score(_state, pod, node) {
        return strategy(allocationsOf(pod, node, resources, true));
      },
      events: [
        {
          resource: 'AssignedPod',
          actions: Action.Delete | Action.UpdatePodScaleDown,
          hint: (pod, before, after) =>
            freesWhatIsWanted(pod, before as Pod, after as Pod | undefined) ? 'Queue' : 'QueueSkip',
        },
        {
          resource: 'TargetPod',
          actions: Action.UpdatePodScaleDown,
          hint: (pod, _before, after) => (after?.metadata?.uid === pod.metadata.uid ? 'Queue' : 'QueueSkip'),
        },
        {
          resource: 'Node',
          actions: Action.Add | Action.UpdateNodeAllocatable,
          hint: (pod, before, after) =>
            growthHelps(podRequests(pod), before as Node | undefined, after as Node, ignores) ? 'Queue' : 'QueueSkip',
        },
      ],
    };
  },
};

type Ignores = (resource: string) => boolean;

function ignoredBy({ ignoredResources, ignoredResourceGroups }: NodeResourcesFitArgs): Ignores {
  const names = new Set(ignoredResources);
  const groups = new Set(ignoredResourceGroups);
  return (resource) => names.has(resource) || groups.has(resource.split('/')[0]!);
}

/** Every resource that is short, in upstream's order. A pod larger than the node would not fit it even if it were empty. */
function rejection(wanted: ResourceAmounts, node: NodeInfo, ignores: Ignores): Status | undefined {
  let reasons: string[] | undefined;
  let hopeless = false;
  const check = (name: string, request: number, allocatable: number, requested: number) => {
    if (request === 0 || request <= allocatable - requested) return;
    (reasons ??= []).push(`Insufficient ${name}`);
    if (request > allocatable) hopeless = true;
  };

  if (node.pods.size + 1 > node.allowedPods) (reasons ??= []).push('Too many pods');
  const { allocatable, requested } = node;
  check('cpu', wanted.milliCpu, allocatable.milliCpu, requested.milliCpu);
  check('memory', wanted.memory, allocatable.memory, requested.memory);
  check('ephemeral-storage', wanted.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage);
  if (wanted.scalars) {
    for (const [name, request] of wanted.scalars) {
      if (!ignores(name)) check(name, request, getAmount(allocatable, name), getAmount(requested, name));
    }
  }
  return reasons && new Status(hopeless ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons);
}

/** A pod that goes, or shrinks, helps if it gives back some of what this one wants. */
function freesWhatIsWanted(pod: Pod, before: Pod, after: Pod | undefined): boolean {
  if (!after) return true;
  const [wanted, was, is] = [podRequests(pod), podRequests(before), podRequests(after)];
  return ['cpu', 'memory', 'ephemeral-storage', ...(wanted.scalars?.keys() ?? [])].some(
    (name) => getAmount(wanted, name) > 0 && getAmount(is, name) < getAmount(was, name),
  );
}

/** A node that is new or larger helps if it is large enough and has more of something wanted than before. */
function growthHelps(wanted: ResourceAmounts, before: Node | undefined, after: Node, ignores: Ignores): boolean {
  const now = amountsOf(after.status?.allocatable);
  const pods = (node: Node) => amountOf('pods', node.status?.allocatable?.['pods'] ?? '0');
  const names = ['cpu', 'memory', 'ephemeral-storage', ...(wanted.scalars?.keys() ?? [])].filter(
    (name) => getAmount(wanted, name) > 0 && !ignores(name),
  );
  if (pods(after) < 1 || names.some((name) => getAmount(wanted, name) > getAmount(now, name))) return false;
  if (!before || pods(after) > pods(before)) return true;
  const then = amountsOf(before.status?.allocatable);
  return names.some((name) => getAmount(now, name) > getAmount(then, name));
}

export function weightedResources(
  configured: readonly { name: string; weight?: number }[] | undefined,
): readonly WeightedResource[] {
  if (!configured?.length) return DEFAULT_RESOURCES;
  return configured.map(({ name, weight = 1 }) => {
    if (weight < 1 || weight > 100) throw new Error(`resource weight of ${name} not in valid range [1, 100]`);
    return { name, weight };
  });
}

function strategyOf(config: NodeResourcesFitArgs['scoringStrategy']): ScoringStrategy {
  switch (config?.type ?? 'LeastAllocated') {
    case 'LeastAllocated':
      return leastAllocated;
    case 'MostAllocated':
      return mostAllocated;
    case 'RequestedToCapacityRatio':
      return requestedToCapacityRatio(validShape(config?.requestedToCapacityRatio?.shape ?? []));
    default:
      throw new Error(`scoringStrategy.type: Unsupported value: "${config!.type}"`);
  }
}

function validShape(shape: readonly ShapePoint[]): readonly ShapePoint[] {
  if (shape.length === 0) throw new Error('requestedToCapacityRatio.shape: at least one point must be specified');
  shape.forEach(({ utilization, score }, i) => {
    if (utilization < 0 || utilization > 100) throw new Error('shape utilization not in valid range [0, 100]');
    if (i > 0 && utilization <= shape[i - 1]!.utilization)
      throw new Error('shape utilization values must be sorted in increasing order');
    if (score < 0 || score > 10) throw new Error('shape score not in valid range [0, 10]');
  });
  return shape;
}
