import type { Lease, LeaseSpec } from '@pilothouse/api';

/** What a candidate knows of the lease: the record, and when (by its own clock) it last saw it change. */
export interface Observation {
  readonly spec: LeaseSpec;
  /** Monotonic. Remote times are not compared with local ones: clocks differ between machines. */
  readonly observedAtMs: number;
}

/** Whether a candidate may write itself into the lease. See client-go's tryAcquireOrRenew. */
export function mayTake({ spec, observedAtMs }: Observation, identity: string, nowMs: number): boolean {
  if (!spec.holderIdentity || spec.holderIdentity === identity) return true;
  return observedAtMs + (spec.leaseDurationSeconds ?? 0) * 1000 <= nowMs;
}

/** The record a candidate writes, to take the lease or to keep it. */
export function heldBy(identity: string, before: LeaseSpec | undefined, leaseDurationMs: number, now: Date): LeaseSpec {
  const renewTime = microTime(now);
  const keeps = before?.holderIdentity === identity;
  const transitions = before?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
    acquireTime: keeps && before.acquireTime ? before.acquireTime : renewTime,
    renewTime,
    leaseTransitions: before === undefined || keeps ? transitions : transitions + 1,
  };
}

/** The record a leader leaves behind, so that the next one need not wait. */
export function released(before: LeaseSpec, now: Date): LeaseSpec {
  const time = microTime(now);
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time };
}

/** Two readings of the same record; time goes on only when it changes. */
export function sameRecord(a: LeaseSpec, b: LeaseSpec): boolean {
  return (
    a.holderIdentity === b.holderIdentity &&
    a.renewTime === b.renewTime &&
    a.acquireTime === b.acquireTime &&
    a.leaseTransitions === b.leaseTransitions &&
    a.leaseDurationSeconds === b.leaseDurationSeconds
  );
}

export function leaseWith(lease: Lease, spec: LeaseSpec): Lease {
  return { ...lease, spec: { ...lease.spec, ...spec } };
}

/** RFC 3339 with microseconds, as the API prints MicroTime. */
function microTime(now: Date): string {
  return now.toISOString().replace('Z', '000Z');
}
