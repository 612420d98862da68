import { describe, expect, it } from 'vitest';
import { LeaseManager } from './lease-manager.ts';

function manager() {
  const grants: number[] = [];
  const time = { nowMs: 0 };
  const leases = new LeaseManager(
    {
      async grant(ttlSeconds) {
        grants.push(ttlSeconds);
        return BigInt(grants.length);
      },
    },
    () => time.nowMs,
  );
  return { leases, grants, time };
}

describe('LeaseManager', () => {
  it('shares one lease among keys written within a minute', async () => {
    const { leases, grants, time } = manager();
    const first = await leases.leaseFor(3600);
    time.nowMs = 60_000;
    expect(await leases.leaseFor(3600)).toBe(first);
    expect(grants).toEqual([3660]);
  });

  it('never gives a lease that would end before the key', async () => {
    const { leases, grants, time } = manager();
    await leases.leaseFor(3600);
    time.nowMs = 60_001;
    expect(await leases.leaseFor(3600)).toBe(2n);
    expect(grants).toEqual([3660, 3660]);
  });

  it('reuses for at most a twentieth of a short time to live', async () => {
    const { leases, grants, time } = manager();
    await leases.leaseFor(100);
    time.nowMs = 5_001;
    await leases.leaseFor(100);
    expect(grants).toEqual([105, 105]);
  });

  it('attaches at most a thousand keys to one lease', async () => {
    const { leases, grants } = manager();
    for (let key = 0; key < 1_001; key++) await leases.leaseFor(3600);
    expect(grants).toHaveLength(2);
  });

  it('asks again after a refusal', async () => {
    let calls = 0;
    const leases = new LeaseManager(
      { grant: async () => (calls++ === 0 ? Promise.reject(new Error('no')) : 7n) },
      () => 0,
    );
    await expect(leases.leaseFor(60)).rejects.toThrow('no');
    expect(await leases.leaseFor(60)).toBe(7n);
  });
});
