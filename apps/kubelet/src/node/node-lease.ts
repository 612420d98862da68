import type { Lease, Node } from '@pilothouse/api';

export const LEASE_NAMESPACE = 'kube-node-lease';
export const LEASE_DURATION_SECONDS = 40;
/** Upstream renews four times within the lease's duration. */
export const RENEW_INTERVAL_MS = (LEASE_DURATION_SECONDS * 1000) / 4;

/** The heartbeat of a node as it should be written now: a new Lease, or the one that is there, renewed. */
export function renewedLease(node: Node, before: Lease | undefined, now: Date): Lease {
  const name = node.metadata.name ?? '';
  const owner = { apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid ?? '' };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: before?.metadata ?? { name, namespace: LEASE_NAMESPACE, ownerReferences: [owner] },
    spec: {
      ...before?.spec,
      holderIdentity: name,
      leaseDurationSeconds: LEASE_DURATION_SECONDS,
      renewTime: microTime(now),
    },
  };
}

/** `2030-01-01T00:00:00.000000Z`. */
function microTime(date: Date): string {
  return date.toISOString().replace(/Z$/, '000Z');
}
