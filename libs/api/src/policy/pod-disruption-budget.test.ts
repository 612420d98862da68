import type { PodDisruptionBudget } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { cellsOf, created, exampleMeta, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { podDisruptionBudget as kind } from './pod-disruption-budget.ts';

const example = (spec: PodDisruptionBudget['spec']): PodDisruptionBudget => ({ metadata: exampleMeta(), spec });

describe('PodDisruptionBudget', () => {
  it.each<[PodDisruptionBudget['spec'], string[]]>([
    [{ minAvailable: '50%' }, []],
    [{ maxUnavailable: 0 }, []],
    [{ minAvailable: '101%' }, ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%']],
    [{ minAvailable: -1 }, ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']],
    [
      { minAvailable: 1, maxUnavailable: 1 },
      [
        'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    [
      { unhealthyPodEvictionPolicy: 'x' },
      ['spec.unhealthyPodEvictionPolicy: Unsupported value: "x": supported values: "AlwaysAllow", "IfHealthyBudget"'],
    ],
  ])('%j', (spec, problems) => {
    expect(problemsOnCreate(kind, example(spec))).toEqual(problems);
  });

  it('keeps a selector that was allowed once', () => {
    const old = example({ selector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['not a label'] }] } });
    expect(problemsOnCreate(kind, structuredClone(old))).toHaveLength(1);
    expect(problemsOnUpdate(kind, old, ({ spec }) => (spec.minAvailable = 1))).toEqual([]);
  });

  it('has conditions that are whole', () => {
    const change = (each: PodDisruptionBudget): void => {
      each.status = {
        disruptionsAllowed: -1,
        currentHealthy: 0,
        desiredHealthy: 0,
        expectedPods: 0,
        conditions: [{ type: 'A', status: 'Maybe' } as never],
      };
    };
    expect(problemsOnUpdate(kind, created(kind, example({})), change, 'status')).toEqual([
      'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      'status.conditions[0].lastTransitionTime: Required value: must be set',
      'status.conditions[0].reason: Required value: must be set',
      'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });

  it('prints its limits', () => {
    expect(cellsOf(kind.columns, example({ minAvailable: '50%' })).slice(0, 4)).toEqual(['x', '50%', 'N/A', 0]);
  });
});
