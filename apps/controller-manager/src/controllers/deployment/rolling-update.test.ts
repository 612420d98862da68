import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '@pilothouse/api';
import { fenceposts, planRollingUpdate } from './rolling-update.ts';

const deployment = (replicas: number, maxSurge: number | string, maxUnavailable: number | string): Deployment =>
  ({
    metadata: { name: 'web' },
    spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
  }) as unknown as Deployment;

const replicaSet = (name: string, size: number, available: number): ReplicaSet =>
  ({
    metadata: { name, uid: name, creationTimestamp: `2026-01-01T00:00:0${name.length}Z` },
    spec: { replicas: size },
    status: { replicas: size, availableReplicas: available },
  }) as unknown as ReplicaSet;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('how far a rolling update may go', () => {
  it.each([
    ['surge rounds up, unavailability down', 10, '25%', '25%', { maxSurge: 3, maxUnavailable: 2 }],
    ['when both come to nothing one pod may be unavailable', 1, 0, '25%', { maxSurge: 0, maxUnavailable: 1 }],
    ['no more can be unavailable than there are', 2, 1, 5, { maxSurge: 1, maxUnavailable: 2 }],
  ])('%s', (_, replicas, maxSurge, maxUnavailable, expected) => {
    expect(fenceposts(deployment(replicas, maxSurge, maxUnavailable))).toEqual(expected);
  });
});

describe('a rolling update', () => {
  it('never leaves its bounds, and ends, when every pod becomes available sooner or later', () => {
    const cases = fc.record({
      replicas: fc.integer({ min: 1, max: 12 }),
      surge: fc.integer({ min: 0, max: 5 }),
      unavailable: fc.integer({ min: 0, max: 5 }),
      luck: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 20 }),
    });
    fc.assert(
      fc.property(cases, ({ replicas, surge, unavailable, luck }) => {
        const wanted = deployment(replicas, surge, unavailable);
        const { maxSurge, maxUnavailable } = fenceposts(wanted);
        const sizes = { new: 0, older: replicas };
        const available = { new: 0, older: replicas };
        for (let round = 0; round < 200; round++) {
          const newOne = replicaSet('new', sizes.new, available.new);
          const old = replicaSet('older', sizes.older, available.older);
          for (const step of planRollingUpdate(wanted, newOne, [old])) {
            const name = step.replicaSet.metadata.name as 'new' | 'older';
            sizes[name] = step.replicas;
            // The pods that go are, at worst, available ones, once no others are left.
            available[name] = Math.min(available[name], step.replicas);
          }
          expect(sum(Object.values(sizes))).toBeLessThanOrEqual(replicas + maxSurge);
          expect(sum(Object.values(available))).toBeGreaterThanOrEqual(replicas - maxUnavailable);
          if (sizes.older === 0 && available.new === replicas) return;
          const ready = luck[round % luck.length]! + (round % luck.length === 0 ? 1 : 0);
          available.new = Math.min(sizes.new, available.new + ready);
        }
        throw new Error('the rollout did not end');
      }),
    );
  });
});
