import type { PodGroup, PriorityClass, Workload } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { created, exampleMeta, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { podGroup } from './pod-group.ts';
import { priorityClass } from './priority-class.ts';
import { workload } from './workload.ts';

describe('PriorityClass', () => {
  const example = (name: string, value: number, change: Partial<PriorityClass> = {}): PriorityClass => ({
    metadata: { name },
    value,
    ...change,
  });
  const reserved =
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ";

  it.each<[PriorityClass, string[]]>([
    [example('a', 1_000_000_000), []],
    [example('a', -5), []],
    [example('a', 1_000_000_001), ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']],
    [example('system-a', 1), [`${reserved}system-a is not a known system priority class`]],
    [example('system-node-critical', 2_000_001_000), []],
    [example('system-node-critical', 1), [`${reserved}value of system-node-critical PriorityClass must be 2000001000`]],
    [
      example('system-node-critical', 2_000_001_000, { globalDefault: true }),
      [`${reserved}globalDefault of system-node-critical PriorityClass must be false`],
    ],
    [
      example('a', 1, { preemptionPolicy: 'Maybe' }),
      ['preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"'],
    ],
  ])('%j', (each, problems) => {
    expect(problemsOnCreate(priorityClass, each)).toEqual(problems);
  });

  it('keeps its value and policy', () => {
    const old = created(priorityClass, example('a', 1));
    expect(old).toMatchObject({ preemptionPolicy: 'PreemptLowerPriority', metadata: { generation: 1 } });
    expect(
      problemsOnUpdate(priorityClass, old, (each) =>
        Object.assign(each, { value: 2, preemptionPolicy: 'Never', description: 'x' }),
      ),
    ).toEqual([
      'value: Forbidden: may not be changed in an update.',
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ]);
  });
});

describe('pods that are scheduled together', () => {
  const group = (spec: object): PodGroup => ({ metadata: exampleMeta(), spec: spec as PodGroup['spec'] });
  it('have one policy', () => {
    expect(problemsOnCreate(podGroup, group({ schedulingPolicy: { gang: { minCount: 3 } } }))).toEqual([]);
    expect(problemsOnCreate(podGroup, group({ schedulingPolicy: {} }))).toEqual([
      'spec.schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
    ]);
    expect(problemsOnCreate(podGroup, group({ schedulingPolicy: { gang: { minCount: -1 } } }))).toEqual([
      'spec.schedulingPolicy.gang.minCount: Invalid value: -1: must be greater than or equal to 1',
    ]);
  });

  it('are made from templates with names of their own', () => {
    const template = { name: 'a', schedulingPolicy: { basic: {} } };
    const example = (podGroupTemplates: any[]): Workload => ({ metadata: exampleMeta(), spec: { podGroupTemplates } });
    expect(problemsOnCreate(workload, example([template]))).toEqual([]);
    expect(problemsOnCreate(workload, example([]))).toEqual(['spec.podGroupTemplates: Required value']);
    expect(problemsOnCreate(workload, example([template, template]))).toEqual([
      'spec.podGroupTemplates[1]: Duplicate value: {"name":"a","schedulingPolicy":{"basic":{}}}',
    ]);
  });
});
