import type { Etcd3Connection } from './etcd3-connection.ts';
import { EtcdLeaseNotFound } from './errors.ts';
import { LeaseManager } from './lease-manager.ts';

/** Leases that are granted and left to run out: nobody keeps them alive. */
export class EtcdLeases {
  readonly #connection: Etcd3Connection;
  readonly #manager: LeaseManager;

  constructor(connection: Etcd3Connection, nowMs: () => number) {
    this.#connection = connection;
    this.#manager = new LeaseManager(this, nowMs);
  }

  /**
   * Calls `write` with a lease that outlives `ttlSeconds`, shared with other keys of the moment. A lease that etcd does not
   * know (any more) is replaced once: nothing was written with it.
   */
  async withLease<T>(ttlSeconds: number, write: (lease: bigint) => Promise<T>): Promise<T> {
    const lease = this.#manager.leaseFor(ttlSeconds);
    try {
      return await write(await lease);
    } catch (error) {
      if (!(error instanceof EtcdLeaseNotFound)) throw error;
      this.#manager.forget(ttlSeconds, lease);
      return write(await this.#manager.leaseFor(ttlSeconds));
    }
  }

  /** Repeated when unanswered: a lease too many only runs out. */
  async grant(ttlSeconds: number): Promise<bigint> {
    const granted = await this.#connection.anyMember((client) => client.leaseClient.leaseGrant({ TTL: ttlSeconds }));
    return BigInt(granted.ID);
  }

  /** Deletes every key with that lease, at once. */
  async revoke(lease: bigint): Promise<void> {
    await this.#connection.anyMember((client) => client.leaseClient.leaseRevoke({ ID: lease.toString() }));
  }
}
