export interface LeaseGrants {
  grant(ttlSeconds: number): Promise<bigint>;
}

interface Bucket {
  readonly lease: Promise<bigint>;
  readonly expiresAtMs: number;
  uses: number;
}

const REUSE_SECONDS = 60;
const REUSE_SHARE_OF_TTL = 0.05;
const MAX_KEYS_PER_LEASE = 1_000;

/**
 * One lease for all keys written with the same time to live within a minute, because a lease per key (an event, say)
 * would burden etcd more than the key. The lease lives that much longer, so no key goes early. The same bounds as
 * upstream's lease manager: a reuse of 60 s, at most 5 % of the time to live, at most 1,000 keys.
 */
export class LeaseManager {
  readonly #leases: LeaseGrants;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<number, Bucket>();

  constructor(leases: LeaseGrants, nowMs: () => number) {
    this.#leases = leases;
    this.#nowMs = nowMs;
  }

  leaseFor(ttlSeconds: number): Promise<bigint> {
    const reuseSeconds = Math.min(REUSE_SECONDS, Math.floor(ttlSeconds * REUSE_SHARE_OF_TTL));
    const now = this.#nowMs();
    const bucket = this.#buckets.get(ttlSeconds);
    if (bucket && bucket.uses < MAX_KEYS_PER_LEASE && now + ttlSeconds * 1_000 <= bucket.expiresAtMs) {
      bucket.uses++;
      return bucket.lease;
    }
    const lease = this.#leases.grant(ttlSeconds + reuseSeconds);
    const granted: Bucket = { lease, expiresAtMs: now + (ttlSeconds + reuseSeconds) * 1_000, uses: 1 };
    this.#buckets.set(ttlSeconds, granted);
    lease.catch(() => this.forget(ttlSeconds, lease));
    return lease;
  }

  /** After etcd refused the lease: the next key gets another. */
  forget(ttlSeconds: number, lease: Promise<bigint>): void {
    if (this.#buckets.get(ttlSeconds)?.lease === lease) this.#buckets.delete(ttlSeconds);
  }
}
