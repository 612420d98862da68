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

/**
 * The node's taints with those set that its conditions call for. Undefined when they are right already. With `mayEvict`
 * false it is not the node's turn to lose its pods: it gets no NoExecute taint, unless it only exchanges one for another.
 */
export function planTaints(node: Node, mayEvict: boolean, now: Date): Taint[] | undefined {
  const wanted: Taint[] = [];
  const time = formatTime(now);
  for (const { type, status, key } of CONDITION_TAINTS) {
    if (findCondition(node.status?.conditions, type)?.status !== status) continue;
    wanted.push({ key, effect: 'NoSchedule' });
    if (type === 'Ready' && (mayEvict || isGivenUp(node))) wanted.push({ key, effect: 'NoExecute', timeAdded: time });
  }
  if (node.spec.unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  return mergeTaints(node, wanted);
}

/** The taints when no node anywhere is ready: nothing is driven away, and what was begun is taken back. */
export function planTaintsInDisruption(node: Node, now: Date): Taint[] | undefined {
  const current = node.spec.taints ?? [];
  const taints = current.filter((taint) => !isEvicting(taint));
  const planned = planTaints({ ...node, spec: { ...node.spec, taints } }, false, now);
  return planned ?? (taints.length === current.length ? undefined : taints);
}

function mergeTaints(node: Node, wanted: readonly Taint[]): Taint[] | undefined {
  const current = node.spec.taints ?? [];
  const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const kept = current.filter((taint) => !MANAGED_KEYS.has(taint.key) || wanted.some((each) => isSame(each, taint)));
  const added = wanted.filter((taint) => !current.some((each) => isSame(each, taint)));
  return kept.length === current.length && added.length === 0 ? undefined : [...kept, ...added];
}

const isEvicting = (taint: Taint): boolean =>
  taint.effect === 'NoExecute' && (taint.key === NOT_READY || taint.key === UNREACHABLE);

const isGivenUp = (node: Node): boolean => node.spec.taints?.some(isEvicting) === true;

/** Giving the node up is not called for, or done already: it needs no turn. */
export function isExcludedFromEviction(node: Node): boolean {
  const ready = findCondition(node.status?.conditions, 'Ready')?.status;
  return ready === 'True' || ready === undefined || isGivenUp(node);
}

/** Label → the older name that must say the same. */
const OLDER_LABELS: Readonly<Record<string, string>> = {
  'kubernetes.io/os': 'beta.kubernetes.io/os',
  'kubernetes.io/arch': 'beta.kubernetes.io/arch',
};

/** The node's labels with the older names put right; undefined when they are. */
export function planLabels(node: Node): Record<string, string> | undefined {
  const labels = { ...node.metadata.labels };
  let changed = false;
  for (const [label, older] of Object.entries(OLDER_LABELS)) {
    const value = labels[label];
    if (value === undefined || labels[older] === value) continue;
    labels[older] = value;
    changed = true;
  }
  return changed ? labels : undefined;
}

export const readyStatusOf = (node: Node): string =>
  findCondition(node.status?.conditions, 'Ready')?.status ?? 'Unknown';

/** Where kubelets renew the leases that say they are alive. */
export const NODE_LEASE_NAMESPACE = 'kube-node-lease';
