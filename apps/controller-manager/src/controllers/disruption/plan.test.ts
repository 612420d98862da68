import { describe, expect, it } from 'vitest';
import type { Pod, PodDisruptionBudget } from '@pilothouse/api';
import { countHealthy, planDisruptions, planExpectedPods, planFailSafe, planStatus } from './plan.ts';

const NOW = new Date('2026-01-01T12:00:00Z');

const budget = (spec: object, status?: object): PodDisruptionBudget =>
  ({
    metadata: { name: 'b', namespace: 'ns', generation: 3 },
    spec,
    ...(status ? { status } : {}),
  }) as PodDisruptionBudget;

const pod = (name: string, ready: boolean, metadata: object = {}): Pod =>
  ({
    metadata: { name, namespace: 'ns', ...metadata },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Pod;

describe('how many pods there should be', () => {
  it.each([
    [
      'a number of available ones counts the pods there are',
      { minAvailable: 2 },
      { expectedPods: 4, desiredHealthy: 2 },
    ],
    ['a percentage of available ones rounds up', { minAvailable: '50%' }, { expectedPods: 5, desiredHealthy: 3 }],
    ['a percentage of unavailable ones rounds up', { maxUnavailable: '50%' }, { expectedPods: 5, desiredHealthy: 2 }],
    [
      'more unavailable ones than there are leaves none to be healthy',
      { maxUnavailable: 9 },
      { expectedPods: 5, desiredHealthy: 0 },
    ],
  ])('%s', (_, spec, expected) => {
    expect(planExpectedPods(budget(spec), 4, 5)).toEqual(expected);
  });
});

describe('evictions that the apiserver noted down', () => {
  const noted = {
    disruptedPods: { going: '2026-01-01T11:59:30Z', stuck: '2026-01-01T11:50:00Z', deleted: '2026-01-01T11:59:00Z' },
  };
  const pods = [
    pod('going', true),
    pod('stuck', true),
    pod('deleted', true, { deletionTimestamp: '2026-01-01T11:59:50Z' }),
    pod('other', true),
  ];

  it('are waited for until the pod is being deleted, or two minutes are over', () => {
    const { pending, failed, recheckAfterMs } = planDisruptions(budget({}, noted), pods, NOW);
    expect(pending).toEqual({ going: '2026-01-01T11:59:30Z' });
    expect(failed.map(({ metadata }) => metadata.name)).toEqual(['stuck']);
    expect(recheckAfterMs).toBe(90_000);
  });

  it('make their pods count as gone already', () => {
    const { pending } = planDisruptions(budget({}, noted), pods, NOW);
    expect(countHealthy(pods, pending)).toBe(2);
  });
});

describe('the status', () => {
  it('allows as many disruptions as there are healthy pods to spare', () => {
    expect(planStatus(budget({}), { expectedPods: 5, desiredHealthy: 3 }, 5, {}, NOW)).toEqual({
      observedGeneration: 3,
      disruptionsAllowed: 2,
      currentHealthy: 5,
      desiredHealthy: 3,
      expectedPods: 5,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: 'True',
          observedGeneration: 3,
          lastTransitionTime: '2026-01-01T12:00:00Z',
          reason: 'SufficientPods',
          message: '',
        },
      ],
    });
  });

  it('allows none when nothing is expected', () => {
    const { disruptionsAllowed, conditions } = planStatus(
      budget({}),
      { expectedPods: 0, desiredHealthy: 0 },
      2,
      {},
      NOW,
    );
    expect(disruptionsAllowed).toBe(0);
    expect(conditions?.[0]).toMatchObject({ status: 'False', reason: 'InsufficientPods' });
  });

  it('allows none when the numbers cannot be known, and says why', () => {
    const status = { disruptionsAllowed: 2, currentHealthy: 5, desiredHealthy: 3, expectedPods: 5 };
    expect(planFailSafe(budget({}, status), 'no scale', NOW)).toMatchObject({
      disruptionsAllowed: 0,
      currentHealthy: 5,
      conditions: [{ status: 'False', reason: 'SyncFailed', message: 'no scale' }],
    });
  });
});
