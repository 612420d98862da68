import type { Node, NodeCondition, Taint } from '@pilothouse/api';
import { findCondition, formatTime } from '../conditions.ts';

/** What the controller last saw of a node, with its own clock: node clocks are not to be trusted. */
export interface NodeHealth {
  /** Monotonic milliseconds when the status or the lease last moved. */
  readonly probedAtMs: number;
  readonly readyHeartbeat: string;
  readonly leaseRenewTime: string;
}

export interface Timing {
  readonly gracePeriodMs: number;
  readonly startupGracePeriodMs: number;
}

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Condition type and status → the taint it puts on the node. */
const CONDITION_TAINTS: readonly { type: string; status: string; key: string }[] = [
  { type: 'Ready', status: 'False', key: NOT_READY },
  { type: 'Ready', status: 'Unknown', key: UNREACHABLE },
  { type: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { type: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { type: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
  { type: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
];
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const MANAGED_KEYS = new Set([...CONDITION_TAINTS.map(({ key }) => key), UNSCHEDULABLE]);

export function observe(node: Node, leaseRenewTime: string, known: NodeHealth | undefined, nowMs: number): NodeHealth {
  const readyHeartbeat = findCondition(node.status?.conditions, 'Ready')?.lastHeartbeatTime ?? '';
  const moved = !known || known.readyHeartbeat !== readyHeartbeat || known.leaseRenewTime !== leaseRenewTime;
  return { probedAtMs: moved ? nowMs : known.probedAtMs, readyHeartbeat, leaseRenewTime };
}

const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/**
 * The node's conditions when it has been silent for too long: everything the kubelet reports becomes Unknown. Undefined
 * while the node is heard of.
 */
export function planSilence(
  node: Node,
  health: NodeHealth,
  timing: Timing,
  nowMs: number,
  now: Date,
): NodeCondition[] | undefined {
  const ready = findCondition(node.status?.conditions, 'Ready');
  const graceMs = ready ? timing.gracePeriodMs : timing.startupGracePeriodMs;
  if (nowMs <= health.probedAtMs + graceMs) return undefined;
  const time = formatTime(now);
  let conditions = node.status?.conditions ?? [];
  for (const type of KUBELET_CONDITIONS) {
    const current = findCondition(conditions, type);
    if (!current) {
      conditions = [
        ...conditions,
        {
          type,
          status: 'Unknown',
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
          lastHeartbeatTime: node.metadata.creationTimestamp ?? time,
          lastTransitionTime: time,
        },
      ];
    } else if (current.status !== 'Unknown') {
      const unknown = {
        ...current,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: time,
      };
      conditions = conditions.map((each) => (each === current ? unknown : each));
    }
  }
  return conditions === node.status?.conditions ? undefined : conditions;
}

/** The node's taints with those set that its conditions call for. Undefined when they are right already. */
export function planTaints(node: Node, now: Date): Taint[] | undefined {
  const wanted: Taint[] = [];
  const time = formatTime(now);
  for (const { type, status, key } of CONDITION_TAINTS) {
    if (findCondition(node.status?.conditions, type)?.status !== status) continue;
    wanted.push({ key, effect: 'NoSchedule' });
    if (type === 'Ready') wanted.push({ key, effect: 'NoExecute', timeAdded: time });
  }
  if (node.spec.unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  const current = node.spec.taints ?? [];
  const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const kept = current.filter((taint) => !MANAGED_KEYS.has(taint.key) || wanted.some((each) => isSame(each, taint)));
  const added = wanted.filter((taint) => !current.some((each) => isSame(each, taint)));
  return kept.length === current.length && added.length === 0 ? undefined : [...kept, ...added];
}

export const readyStatusOf = (node: Node): string =>
  findCondition(node.status?.conditions, 'Ready')?.status ?? 'Unknown';

/** Where kubelets renew the leases that say they are alive. */
export const NODE_LEASE_NAMESPACE = 'kube-node-lease';
