import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planAverage, planUtilization, planValue, planValuePerPod } from './plan-replicas.ts';
import type { PodGroups, PodMetrics } from './pod-groups.ts';

const tolerances = { scaleUp: 0.1, scaleDown: 0.1 };
const names = (count: number, prefix = 'pod') => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const metricsOf = (values: readonly number[]): PodMetrics =>
  new Map(values.map((value, index) => [`pod-${index}`, { timestampMs: 0, windowMs: 0, value }]));
const groups = (
  readyCount: number,
  extra: Partial<Record<'unready' | 'missing' | 'ignored', string[]>> = {},
): PodGroups => ({
  readyCount,
  unready: new Set(extra.unready),
  missing: new Set(extra.missing),
  ignored: new Set(extra.ignored),
});

describe('against a percentage of the requests', () => {
  const run = (
    values: number[],
    target: number,
    extra: Parameters<typeof groups>[1] = {},
    currentReplicas?: number,
  ) => {
    const others = [...(extra.unready ?? []), ...(extra.missing ?? [])];
    const requests = new Map([...names(values.length), ...others].map((name) => [name, 1000]));
    const ready = values.length - (extra.unready ?? []).filter((name) => name.startsWith('pod-')).length;
    return planUtilization(metricsOf(values), groups(ready, extra), {
      currentReplicas: currentReplicas ?? requests.size,
      targetUtilization: target,
      requests,
      tolerances,
    });
  };

  it.each([
    ['scales up', [300, 500, 700], 30, {}, 5],
    ['scales down', [100, 300, 500, 250, 250], 50, {}, 3],
    ['stays within the tolerance', [1010, 1030, 1020], 100, {}, 3],
    ['takes a missing pod to be idle on the way up', [300, 500, 700], 30, { missing: ['gone'] }, 5],
    ['takes a missing pod to be busy on the way down', [400, 400], 90, { missing: ['gone'] }, 2],
    ['does not turn round because of what is missing', [1000], 50, { missing: ['x', 'y', 'z'] }, 4],
    ['takes unready pods to be idle on the way up', [300, 500, 700], 30, { unready: ['new'] }, 5],
    ['leaves unready pods out on the way down', [100, 300], 50, { unready: ['new'] }, 1],
  ] as const)('%s', (_, values, target, extra, replicas) => {
    expect(run([...values], target, extra as never).replicas).toBe(replicas);
  });

  it('reports the utilization and the average', () => {
    expect(run([300, 500, 700], 30)).toMatchObject({ utilization: 50, average: 500 });
  });

  it('says so when nothing is known', () => {
    expect(() => run([], 50, { missing: ['a'] })).toThrow(
      'did not receive metrics for targeted pods (pods might be unready)',
    );
    const options = { currentReplicas: 1, targetUtilization: 50, requests: new Map<string, number>(), tolerances };
    expect(() => planUtilization(metricsOf([1]), groups(1), options)).toThrow('no metrics returned matched known pods');
  });

  it('never scales away from where the load is', () => {
    const load = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(load, fc.integer({ min: 1, max: 150 }), fc.nat(5), fc.nat(5), (values, target, missing, unready) => {
        const extra = { missing: names(missing, 'missing'), unready: names(unready, 'unready') };
        const current = values.length + missing + unready;
        const { replicas, utilization = 0 } = run(values, target, extra);
        if (utilization > target) expect(replicas).toBeGreaterThanOrEqual(Math.min(current, values.length));
        if (utilization < target) expect(replicas).toBeLessThanOrEqual(current);
      }),
    );
  });
});

it('scales by an average value', () => {
  const options = { currentReplicas: 3, target: 400, tolerances };
  expect(planAverage(metricsOf([600, 800, 1000]), groups(3), options)).toEqual({ replicas: 6, average: 800 });
});

it('has a tolerance for each direction', () => {
  const options = { currentReplicas: 2, target: 100, tolerances: { scaleUp: 0, scaleDown: 0.5 } };
  expect(planAverage(metricsOf([101, 103]), groups(2), options).replicas).toBe(3);
  expect(planAverage(metricsOf([51, 51]), groups(2), options).replicas).toBe(2);
});

it.each([
  [{ usage: 200, target: 100, currentReplicas: 3, readyPods: 3 }, 6],
  [{ usage: 105, target: 100, currentReplicas: 3, readyPods: 3 }, 3],
  [{ usage: 250, target: 100, currentReplicas: 0, readyPods: 0 }, 3],
])('scales by a value of something else: %o', (options, replicas) => {
  expect(planValue({ ...options, tolerances }).replicas).toBe(replicas);
});

it.each([
  [
    { usage: 1000, target: 100, statusReplicas: 5 },
    { replicas: 10, average: 200 },
  ],
  [
    { usage: 505, target: 100, statusReplicas: 5 },
    { replicas: 5, average: 101 },
  ],
  [
    { usage: 0, target: 100, statusReplicas: 0 },
    { replicas: 0, average: 0 },
  ],
])('scales by a value per pod: %o', (options, proposal) => {
  expect(planValuePerPod({ ...options, tolerances })).toEqual(proposal);
});
