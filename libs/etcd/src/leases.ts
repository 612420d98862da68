import type { Etcd3Connection } from './etcd3-connection.ts';
import { LeaseManager } from './lease-manager.ts';

/** Leases that are granted and left to run out: nobody keeps them alive. */
export class EtcdLeases {
  readonly #connection: Etcd3Connection;
  readonly #manager: LeaseManager;

  constructor(connection: Etcd3Connection, nowMs: () => number) {
    this.#connection = connection;
    this.#manager = new LeaseManager(this, nowMs);
  }

  /** A lease that outlives `ttlSeconds`, shared with other keys of the moment. */
  leaseFor(ttlSeconds: number): Promise<bigint> {
    return this.#manager.leaseFor(ttlSeconds);
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
