import type { Node, NodeStatus } from '@pilothouse/api';
import { deepEqual } from '@pilothouse/apimachinery';

/** Upstream's nodeStatusReportFrequency: an unchanged status is still reported this often. */
export const REPORT_INTERVAL_MS = 300_000;

/**
 * The strategic merge patch that brings a node's status up to date: undefined when nothing changed and the last
 * report is recent. Heartbeat times alone are no change.
 */
export function planNodeStatusPatch(node: Node, next: NodeStatus, sinceReportMs: number): object | undefined {
  const before = node.status ?? {};
  const due = sinceReportMs >= REPORT_INTERVAL_MS;
  if (!due && deepEqual(comparable(before), comparable(next))) return undefined;
  const status: Record<string, unknown> = { conditions: next.conditions };
  for (const field of Object.keys(next) as (keyof NodeStatus)[]) {
    if (field !== 'conditions' && !deepEqual(before[field], next[field])) status[field] = next[field];
  }
  // Addresses merge by type, and two of them may share one: the list is replaced as a whole.
  if (status['addresses']) status['addresses'] = [...(next.addresses ?? []), { $patch: 'replace' }];
  return { status };
}

function comparable(status: NodeStatus): object {
  const { capacity, allocatable, addresses, daemonEndpoints, images = [], volumesInUse = [], conditions = [] } = status;
  const { kubeletVersion, containerRuntimeVersion } = status.nodeInfo ?? {};
  return {
    capacity,
    allocatable,
    addresses,
    daemonEndpoints,
    images,
    volumesInUse,
    kubeletVersion,
    containerRuntimeVersion,
    conditions: conditions.map(({ type, status: value, reason, message }) => ({ type, value, reason, message })),
  };
}
