/** A plugin of a profile; the weight is that of its score. */
export interface EnabledPlugin {
  readonly name: string;
  readonly weight?: number;
}

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

/**
 * The plugins of a profile that says nothing, in the order in which they run, with upstream's weights: how well a pod
 * keeps to taints and affinities counts more than how evenly it loads the nodes.
 */
export const DEFAULT_PLUGINS: readonly EnabledPlugin[] = [
  { name: 'SchedulingGates' },
  { name: 'PrioritySort' },
  { name: 'NodeUnschedulable' },
  { name: 'NodeName' },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts' },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeRestrictions' },
  { name: 'NodeVolumeLimits' },
  { name: 'VolumeBinding' },
  { name: 'VolumeZone' },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DynamicResources' },
  { name: 'DefaultPreemption' },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder' },
];
