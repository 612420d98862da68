import type { Node, NodeCondition } from '@pilothouse/api';

/** On a Node: what it is short of, as `memory` or `memory,disk`. A simulated node never is by itself. */
export const PRESSURE_ANNOTATION = 'pilothouse.dev/pressure';

type Said = Pick<NodeCondition, 'reason' | 'message'>;

/** One thing that a node can be short of, with what upstream says of it. */
export interface Pressure {
  /** In the annotation. */
  readonly name: string;
  readonly condition: string;
  /** In messages of evictions. */
  readonly resource: string;
  readonly short: Said;
  readonly enough: Said;
  readonly events: { readonly short: string; readonly enough: string };
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-conditions */
export const PRESSURES: readonly Pressure[] = [
  {
    name: 'memory',
    condition: 'MemoryPressure',
    resource: 'memory',
    short: { reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' },
    enough: { reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
    events: { short: 'NodeHasInsufficientMemory', enough: 'NodeHasSufficientMemory' },
  },
  {
    name: 'disk',
    condition: 'DiskPressure',
    resource: 'ephemeral-storage',
    short: { reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
    enough: { reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    events: { short: 'NodeHasDiskPressure', enough: 'NodeHasNoDiskPressure' },
  },
  {
    name: 'pid',
    condition: 'PIDPressure',
    resource: 'pids',
    short: { reason: 'KubeletHasInsufficientPID', message: 'kubelet has insufficient PID available' },
    enough: { reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    events: { short: 'NodeHasInsufficientPID', enough: 'NodeHasSufficientPID' },
  },
];

export function pressuresOf({ metadata }: Node): readonly Pressure[] {
  const names = (metadata.annotations?.[PRESSURE_ANNOTATION] ?? '').split(',').map((name) => name.trim());
  return PRESSURES.filter(({ name }) => names.includes(name));
}

/** Events for the conditions that have changed between two reports. */
export function pressureEvents(
  before: readonly NodeCondition[] | undefined,
  after: readonly NodeCondition[] | undefined,
): string[] {
  const isShort = (conditions: readonly NodeCondition[] | undefined, type: string): boolean =>
    conditions?.some((each) => each.type === type && each.status === 'True') === true;
  return PRESSURES.flatMap(({ condition, events }) => {
    const now = isShort(after, condition);
    return isShort(before, condition) === now ? [] : [now ? events.short : events.enough];
  });
}
