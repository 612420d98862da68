import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LimitsInput, NO_HISTORY, planLimits, recordScale } from './plan-limits.ts';

const input = (changes: Partial<LimitsInput>): LimitsInput => ({
  currentReplicas: 5,
  desiredReplicas: 5,
  minReplicas: 1,
  maxReplicas: 100,
  behavior: undefined,
  history: NO_HISTORY,
  nowMs: 1_000_000,
  downscaleStabilizationMs: 300_000,
  ...changes,
});
const recommended = (...samples: [secondsAgo: number, replicas: number][]) => ({
  ...NO_HISTORY,
  recommendations: samples.map(([seconds, replicas]) => ({ atMs: 1_000_000 - seconds * 1000, replicas })),
});

describe('without a behaviour', () => {
  it.each([
    ['more than doubles', { desiredReplicas: 30 }, 10, 'ScaleUpLimit', 'True'],
    ['the maximum', { desiredReplicas: 30, maxReplicas: 8 }, 8, 'TooManyReplicas', 'True'],
    ['the minimum', { desiredReplicas: 1, minReplicas: 3 }, 3, 'TooFewReplicas', 'True'],
    ['nothing', { desiredReplicas: 7 }, 7, 'DesiredWithinRange', 'False'],
  ])('%s limits it', (_, changes, replicas, reason, status) => {
    const plan = planLimits(input(changes));
    expect([plan.replicas, plan.limited.reason, plan.limited.status]).toEqual([replicas, reason, status]);
  });

  it('waits with going down until no higher recommendation is left in the window', () => {
    const held = planLimits(input({ desiredReplicas: 2, history: recommended([299, 5], [10, 3]) }));
    expect([held.replicas, held.able.reason]).toEqual([5, 'ScaleDownStabilized']);
    const free = planLimits(input({ desiredReplicas: 2, history: recommended([300, 5], [10, 3]) }));
    expect(free.replicas).toBe(3);
  });
});

describe('with a behaviour', () => {
  it('waits with going up for the lowest recommendation of its window', () => {
    const behavior = { scaleUp: { stabilizationWindowSeconds: 60 } };
    const plan = planLimits(input({ desiredReplicas: 9, behavior, history: recommended([30, 6]) }));
    expect([plan.replicas, plan.able.reason]).toEqual([6, 'ScaleUpStabilized']);
  });

  it.each([
    ['Max', 15, 'ScaleUpLimit'],
    ['Min', 7, 'ScaleUpLimit'],
    ['Disabled', 5, 'ScaleUpLimit'],
  ])('goes up by the policy that selectPolicy %s picks', (selectPolicy, replicas, reason) => {
    const policies = [
      { type: 'Pods', value: 2, periodSeconds: 60 },
      { type: 'Percent', value: 200, periodSeconds: 60 },
    ];
    const plan = planLimits(input({ desiredReplicas: 50, behavior: { scaleUp: { selectPolicy, policies } } }));
    expect([plan.replicas, plan.limited.reason]).toEqual([replicas, reason]);
  });

  it('counts what was done in the period', () => {
    const policies = [{ type: 'Pods', value: 4, periodSeconds: 60 }];
    const behavior = { scaleUp: { policies } };
    const history = recordScale(NO_HISTORY, behavior, { from: 2, to: 5, nowMs: 990_000 });
    expect(planLimits(input({ desiredReplicas: 50, behavior, history })).replicas).toBe(6);
    expect(planLimits(input({ desiredReplicas: 50, behavior, history, nowMs: 1_060_000 })).replicas).toBe(9);
  });

  it('goes down no faster than its policy', () => {
    const policies = [{ type: 'Percent', value: 20, periodSeconds: 60 }];
    const behavior = { scaleDown: { policies, stabilizationWindowSeconds: 0 } };
    const plan = planLimits(input({ currentReplicas: 10, desiredReplicas: 1, behavior }));
    expect([plan.replicas, plan.limited.reason]).toEqual([8, 'ScaleDownLimit']);
  });
});

it('stays within its bounds whatever is recommended', () => {
  const behaviors = fc.constantFrom(undefined, {}, { scaleUp: { stabilizationWindowSeconds: 30 } });
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 20 }),
      fc.nat(100),
      behaviors,
      (currentReplicas, desiredReplicas, behavior) => {
        const plan = planLimits(input({ currentReplicas, desiredReplicas, minReplicas: 3, maxReplicas: 20, behavior }));
        expect(plan.replicas).toBeGreaterThanOrEqual(3);
        expect(plan.replicas).toBeLessThanOrEqual(20);
      },
    ),
  );
});
